import AgentConfiguration
import KernelDatapath
import PolicyModel
import VerdictTables

/// The kernel's side of the agent: tables and attachments, brought to what is
/// wanted and kept there.
struct Datapath: ~Copyable {
    private let cgroupRoot: String
    private let object: DatapathObject
    private let attachments: Attachments
    private let driver: TableDriver
    /// Nil where it is switched off or cannot be.
    private let socketGuard: PacketSocketGuard?
    /// Why it cannot be, though it is wanted.
    let socketGuardObstacle: SocketGuardObstacle?
    /// The last changes did not get into the kernel: all must be compared.
    private(set) var isPending = true

    /// Loads the programs beside those that may be attached; nothing changes
    /// for any packet yet.
    ///
    /// - Parameter guardingSockets: whether pods are refused sockets that send below the hooks, or
    ///   are reported, where the kernel can.
    init(pins: Pins, cgroupRoot: String, guardingSockets: Bool) throws(KernelError) {
        let object = try DatapathObject(pins: pins)
        let driver = try TableDriver(pins: pins)
        if !guardingSockets { _ = try PacketSocketGuard.detachAll(pins: pins) }
        var obstacle: SocketGuardObstacle?
        socketGuard = guardingSockets ? Self.loadSocketGuard(pins, cgroupRoot, &obstacle) : nil
        socketGuardObstacle = obstacle
        attachments = Attachments(pins: pins, root: cgroupRoot)
        self.driver = driver
        self.cgroupRoot = cgroupRoot
        self.object = object
    }

    /// - Returns: nil, and why, where the kernel cannot.
    private static func loadSocketGuard(
        _ pins: Pins, _ cgroupRoot: String, _ obstacle: inout SocketGuardObstacle?
    ) -> PacketSocketGuard? {
        do throws(SocketGuardObstacle) {
            return try PacketSocketGuard(pins: pins, cgroupRoot: cgroupRoot)
        } catch {
            obstacle = error
            return nil
        }
    }

    /// Tells of each pod that leaves the tables, with what became of its packets.
    func onRemoval(_ hear: @escaping (CgroupID, FlowCounters) -> Void) { driver.onRemoval = hear }

    /// Whether no agent has enforced anything here since the node started:
    /// neither tables nor attachments are there to be respected.
    func isFresh() throws(KernelError) -> Bool {
        guard driver.generation == 0 else { return false }
        return try attachments.cgroups().isEmpty
    }

    /// The pods that the kernel knows, an earlier agent's included.
    func knownPods() throws(KernelError) -> Set<CgroupID> { try driver.knownPods() }

    /// Lets pods in beside whatever an earlier agent enforces, by a set that it knows.
    func admit(_ pods: [CgroupID: PodEntry], levels: Set<UInt8>) throws(KernelError) {
        guard !pods.isEmpty, var settings = driver.config?.settings else { return }
        settings.levels.formUnion(levels)
        var changes = TableChanges()
        changes.pods = pods.mapValues { .some($0) }
        _ = try driver.apply(changes, settings: settings)
    }

    /// What an `apply` came to.
    struct Result {
        var generation: UInt32
        /// How many entries changed.
        var entries: Int
    }

    /// Brings changes into force, or everything where the last ones failed.
    mutating func apply(
        _ steps: [TableChanges], desired: () -> VerdictTables, settings: NodeSettings
    ) throws(KernelError) -> Result {
        let wasPending = isPending
        isPending = true
        let result: Result
        if wasPending {
            result = try compare(desired(), settings)
        } else {
            // Settings may have changed with no entry.
            let steps = steps.isEmpty ? [TableChanges()] : steps
            var generation: UInt32 = 0
            for step in steps { generation = try driver.apply(step, settings: settings).generation }
            result = Result(generation: generation, entries: steps.reduce(0) { $0 + $1.count })
        }
        isPending = false
        return result
    }

    var hasDeferredRemovals: Bool { driver.hasDeferredRemovals }

    func markDeferredRemovals() -> DeferredRemovals.Mark { driver.markDeferredRemovals() }

    /// Removes what changes left behind before the mark.
    ///
    /// - Returns: the generation in force then.
    func drainDeferredRemovals(through mark: DeferredRemovals.Mark) throws(KernelError) -> UInt32 {
        try driver.drainDeferredRemovals(through: mark)
        return driver.generation
    }

    /// Reads back what the kernel holds and repairs what differs.
    mutating func compare(
        _ desired: VerdictTables, _ settings: NodeSettings
    ) throws(KernelError) -> Result {
        isPending = true
        let repair = try driver.compareAndRepair(desired: desired, settings: settings)
        isPending = false
        return Result(generation: repair.applied.generation, entries: repair.differing)
    }

    /// What an `attach` came to.
    struct Attaching {
        /// What had to be attached or replaced, for the log.
        var done: [String]
        /// What went wrong, by the path of the cgroup.
        var failures: [String: KernelError] = [:]
    }

    /// Attaches to these cgroups, given by their paths below the root, and
    /// detaches from all others. What is attached stays attached meanwhile.
    func attach(to paths: [String]) throws(KernelError) -> Attaching {
        var result = Attaching(done: try object.restorePins().map { "\($0): put back" })
        var wanted: Set<CgroupID> = []
        for path in paths {
            let full = "\(cgroupRoot)/\(path)"
            do {
                // Before anything may fail: what an earlier agent attached stays.
                wanted.insert(try CgroupTree.id(ofPath: full))
                let change = try attachments.attach(to: full)
                if !change.attached.isEmpty || !change.updated.isEmpty {
                    result.done.append(
                        "\(path): \(change.attached.count) attached, \(change.updated.count) replaced")
                }
                if try socketGuard?.attach(to: full) == true {
                    result.done.append("\(path): the packet-socket guard attached")
                }
            } catch {
                result.failures[path] = error
            }
        }
        for cgroup in try attachments.cgroups() where !wanted.contains(cgroup) {
            try attachments.detach(cgroup)
            result.done.append("cgroup \(cgroup.rawValue): detached")
        }
        guard result.failures.isEmpty else { return result }
        // Every link now runs this layout's programs; what an older agent with
        // another layout left is in nobody's way but memory's.
        if try attachments.pins.layouts() != [attachments.pins.layout] {
            let removal = try attachments.pins.removeOtherLayouts()
            if !removal.isEmpty { result.done.append("another layout's maps and programs: removed") }
        }
        return result
    }

    // MARK: Evidence

    /// How deep the cgroup root lies below the kernel's own; nil if the kernel cannot be asked yet.
    func rootLevel() throws(KernelError) -> Int? { try object.depth(of: CgroupTree(root: cgroupRoot)) }

    /// Whether what is sent below an attached cgroup is seen to be judged.
    func prove(_ path: String) throws(KernelError) -> Evidence { try object.prove("\(cgroupRoot)/\(path)") }

    /// How much these pods' sockets have sent, as the egress program counted.
    func bytesSent(by pods: Set<CgroupID>) throws(KernelError) -> UInt64 {
        try KernelTables(pins: attachments.pins).counters().reduce(0) { sum, pod in
            guard pods.contains(pod.key) else { return sum }
            return sum &+ pod.value.allowed.bytes &+ pod.value.denied.bytes &+ pod.value.audit.bytes
                &+ pod.value.held.bytes
        }
    }

    /// Programs of others that matter to an attachment.
    func otherPrograms(concerning path: String) throws(KernelError) -> [OtherProgram] {
        try OtherPrograms(root: cgroupRoot, attachments).concerning("\(cgroupRoot)/\(path)")
    }
}
