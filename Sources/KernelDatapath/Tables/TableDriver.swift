import CSluice
import Glibc
import PolicyModel
public import VerdictTables

/// The one writer of the kernel's tables.
///
/// At every instant each packet meets the old verdict or the new one:
/// 1. puts, in the plan's order;
/// 2. one write to `config`: the settings and the next generation, so that every
///    socket is judged again;
/// 3. if something goes: a wait until no program runs on what puts replaced, the
///    removals, with further waits before what was pointed to, and
///    the next generation again, for a socket may have been judged by an entry
///    that was about to go.
///
/// If a put fails, the ones before it are undone in reverse order, by which the
/// kernel passes through the same states backwards, each of them safe; then the
/// generation moves with the settings unchanged, so that no socket keeps what it
/// was told in between. The old verdict stays.
///
/// Not Sendable: it is for one actor or thread to hold.
public final class TableDriver {
    /// What an `apply` did.
    public struct Applied: Hashable, Sendable {
        /// Entries written and removed.
        public var puts = 0
        public var removals = 0
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
    public var onDeparture: ((CgroupID, FlowCounters) -> Void)?

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
    /// When something was last put, by which programs may still run on what was
    /// there before; a predecessor may have done so just now.
    var lastPut = KernelClock.now()

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
    /// and the settings as they are it does nothing. Where the pods that come
    /// find no room, those that go make it: they go first.
    ///
    /// - Throws: with the old tables in force, but for an error of operation
    ///   `.remove`: then the new ones are, and something old was left behind,
    ///   which `compareAndRepair` tries again.
    public func apply(
        _ changes: TableChanges, settings: NodeSettings
    ) throws(KernelError) -> Applied {
        guard settings.levels.count <= Int(SLUICE_MAX_LEVELS) else {
            throw KernelError(
                .write, "map config", code: E2BIG,
                context: ["\(settings.levels.count) levels; \(SLUICE_MAX_LEVELS) fit"])
        }
        var applied = Applied(generation: generation)
        guard owesGeneration || !changes.isEmpty || config?.settings != settings else {
            return applied
        }
        let plan = WritePlan(changes)
        let undo: Undo
        do {
            undo = try put(plan.puts, &applied)
        } catch {
            let departures = changes.departures
            guard error.object == "map \(DatapathMap.pods.rawValue)", error.isForWantOfRoom, !departures.isEmpty
            else { throw error }
            let left = try apply(departures, settings: config?.settings ?? settings)
            var rest = changes
            for pod in departures.pods.keys { rest.pods[pod] = nil }
            applied = try apply(rest, settings: settings)
            applied.removals += left.removals
            return applied
        }
        do {
            try advanceGeneration(settings)
        } catch {
            var error = error
            rollBack(undo, &error)
            throw error
        }
        owesGeneration = false
        if !plan.removals.isEmpty {
            let failure = remove(plan.removals, &applied)
            owesGeneration = true
            try advanceGeneration(settings)
            owesGeneration = false
            if let failure { throw failure }
        }
        applied.generation = generation
        return applied
    }

    /// Reads back what the kernel holds and applies the difference.
    ///
    /// The first time it always moves the generation: whoever wrote before may
    /// have been killed between writing and moving it.
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
        let steps = TableChanges.repair(from: actual, to: desired)
        if read.strange > 0 { owesGeneration = true }
        var applied = Applied()
        for step in steps.isEmpty ? [TableChanges()] : steps {
            let done = try apply(step, settings: settings)
            applied.puts += done.puts
            applied.removals += done.removals
            applied.withoutSlot += done.withoutSlot
        }
        if read.strange > 0 {
            try maps.removeStrange(read, desired: desired)
            try advanceGeneration(settings)
        }
        return Repair(
            differing: steps.reduce(0) { $0 + $1.count } + read.strange,
            applied: Applied(
                puts: applied.puts, removals: applied.removals,
                generation: config?.generation ?? 0, withoutSlot: applied.withoutSlot))
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
