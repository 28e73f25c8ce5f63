import CSluice
import Glibc
import PolicyModel
public import VerdictTables

/// The one writer of the kernel's tables.
///
/// At every instant each packet meets the old verdict or the new one:
/// 1. writes, in the plan's order, after which nothing leads to what is old;
/// 2. one write to `config`: the settings and the next generation, so that every
///    socket is judged again;
/// 3. later, and not in the way of other changes: the removal of rules and ports that
///    only programs could still ask for which ran already; see `drainDeferredRemovals`.
///
/// What does not fit into a trie is not begun. If a write fails, the ones before it are undone
/// in reverse order, by which the kernel passes through the same states backwards, each of them
/// safe; then the generation moves with the settings unchanged, so that no socket keeps what it
/// was told in between. The old verdict stays.
///
/// Not Sendable: it is for one actor or thread to hold.
public final class TableDriver {
    /// What an `apply` did.
    public struct Applied: Hashable, Sendable {
        /// Entries written and removed.
        public var puts = 0
        public var removals = 0
        /// Entries left to be removed.
        public var deferred = 0
        /// The generation in force.
        public var generation: UInt32 = 0
        /// Pods that had to share slot 0 as no counter slot was left.
        public var withoutSlot: [CgroupID] = []
    }

    /// What a `compareAndRepair` found.
    public struct Repair: Hashable, Sendable {
        /// How many entries differed from what is desired.
        public var differing: Int
        public var applied: Applied
    }

    /// Called before each write to a table, for tests of faults.
    public var beforeWrite: ((TableWrite) -> Void)?

    /// Called when a pod has left the tables, with what became of its packets, before its counter slot
    /// can be another pod's.
    public var onRemoval: ((CgroupID, FlowCounters) -> Void)?

    package let maps: DatapathMaps
    package private(set) var config: NodeConfig?
    /// The generation in force; 0 if the tables were never filled.
    public var generation: UInt32 { config?.generation ?? 0 }
    var slots: CounterSlots
    /// Tries answer with the longest match only, so what exactly a prefix held
    /// is kept here, for undoing.
    var tries: (addresses: [Prefix: AddressClassID], names: [NamePrefix: NameClassID], ports: [PortKey: Decision])
    /// An agent that died may have written and not moved the generation.
    private var owesGeneration = true
    /// What is in the tables and no longer wanted.
    var deferred = DeferredRemovals()

    public convenience init(pins: Pins = Pins()) throws(KernelError) {
        try self.init(maps: DatapathMaps(pins: pins))
    }

    public init(maps: consuming DatapathMaps) throws(KernelError) {
        let tables = try maps.readTables().tables
        config = try maps.config.lookup(0)
        slots = CounterSlots(of: tables.pods, count: maps.counters.info.capacity)
        tries = (tables.addresses, tables.names, tables.ports)
        self.maps = maps
    }

    /// Brings changes into force; see the type for the order.
    ///
    /// Pods come with slot 0 and are given counter slots here. With no changes
    /// and the settings as they are it does nothing. Where what comes finds no room, what
    /// is left to be removed makes it, for which alone it waits; and pods that go make
    /// it for those that come.
    ///
    /// - Throws: with the old tables in force.
    public func apply(
        _ changes: TableChanges, settings: NodeSettings
    ) throws(KernelError) -> Applied {
        var undo: [Undo] = []
        return try apply(changes, settings: settings, &undo)
    }

    /// - Parameter undos: gets what takes the changes back.
    private func apply(
        _ changes: TableChanges, settings: NodeSettings, _ undos: inout [Undo]
    ) throws(KernelError) -> Applied {
        guard settings.levels.count <= Int(SLUICE_MAX_LEVELS) else {
            throw KernelError(
                .write, "map config", code: E2BIG,
                context: ["\(settings.levels.count) levels; \(SLUICE_MAX_LEVELS) fit"])
        }
        guard owesGeneration || !changes.isEmpty || config?.settings != settings else {
            return Applied(generation: generation)
        }
        let plan = WritePlan(changes, addresses: tries.addresses, names: tries.names, earlier: deferred)
        var applied = Applied()
        var undo = try write(plan, &applied)
        do {
            try advanceGeneration(settings)
        } catch {
            var error = error
            rollBack(undo, &error)
            throw error
        }
        owesGeneration = false
        for write in plan.writes {
            if case .removePod(let pod) = write { reportRemoval(pod) }
        }
        for removal in plan.deferred { deferred.add(removal) }
        undo.left = plan.deferred
        undos.append(undo)
        applied.deferred = plan.deferred.count
        applied.generation = generation
        return applied
    }

    /// Makes a plan's writes, in another order or after clearing up if there is no room else.
    private func write(_ plan: WritePlan, _ applied: inout Applied) throws(KernelError) -> Undo {
        let hadLeftovers = hasDeferredRemovals
        let failure: KernelError
        do {
            return try write(plan.writes, &applied)
        } catch {
            failure = error
        }
        guard failure.isForWantOfRoom else { throw failure }
        applied = Applied()
        if failure.object == "map \(DatapathMap.pods.rawValue)" {
            guard let other = plan.makingRoom else { throw failure }
            return try write(other.writes, &applied)
        }
        guard hadLeftovers else { throw failure }
        try reclaim()
        return try write(plan.writes, &applied)
    }

    private func reportRemoval(_ pod: CgroupID) {
        if let onRemoval, let slot = slots[pod], let perCPU = try? maps.counters.lookup(slot) {
            onRemoval(pod, FlowCounters(summing: perCPU))
        }
        slots.release(pod)
    }

    /// Reads back what the kernel holds and applies the difference, but for what is left to be
    /// removed anyway, by this agent or one that ended before it could.
    ///
    /// Where it takes several steps it waits between them, as each one's end is what the next one
    /// takes for granted, and if one fails all are taken back. The first time it always moves the
    /// generation: whoever wrote before may have been killed between writing and moving it.
    public func compareAndRepair(
        desired: VerdictTables, settings: NodeSettings
    ) throws(KernelError) -> Repair {
        let read = try maps.readTables()
        var actual = read.tables
        slots = CounterSlots(of: actual.pods, count: maps.counters.info.capacity)
        tries = (actual.addresses, actual.names, actual.ports)
        config = try maps.config.lookup(0)
        for (cgroup, pod) in actual.pods where pod.slot != desired.pods[cgroup]?.slot {
            actual.pods[cgroup]?.slot = desired.pods[cgroup]?.slot ?? 0
        }
        let earlier = deferred
        deferred.cancel(heldBy: desired)
        deferred.subtract(from: &actual)
        // It must not be in the way of what comes where there is no room for both.
        let abandoned = actual.unreachable(butFor: desired)
        for removal in abandoned { deferred.add(removal) }
        deferred.subtract(from: &actual)
        let steps = TableChanges.repair(from: actual, to: desired)
        if read.strange > 0 { owesGeneration = true }
        var applied = Applied()
        var undos: [Undo] = []
        for (number, step) in (steps.isEmpty ? [TableChanges()] : steps).enumerated() {
            if number > 0 { GracePeriod.wait() }
            let done: Applied
            do {
                done = try apply(step, settings: settings, &undos)
            } catch {
                var error = error
                for undo in undos.reversed() { rollBack(undo, &error) }
                deferred.restore(earlier)
                throw error
            }
            applied.puts += done.puts
            applied.removals += done.removals
            applied.deferred += done.deferred
            applied.withoutSlot += done.withoutSlot
        }
        if read.strange > 0 {
            try maps.removeStrange(read, desired: desired)
            try advanceGeneration(settings)
        }
        applied.generation = generation
        applied.deferred += abandoned.count
        return Repair(
            differing: steps.reduce(0) { $0 + $1.count } + abandoned.count + read.strange, applied: applied)
    }

    /// One write: the settings, and a generation that no cached verdict has.
    func advanceGeneration(_ settings: NodeSettings) throws(KernelError) {
        var generation = generation &+ 1
        // Fresh socket storage is zero.
        if generation == 0 { generation = 1 }
        let next = NodeConfig(generation: generation, settings: settings)
        try maps.config.update(0, next)
        config = next
    }
}
