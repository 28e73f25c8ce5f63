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
    /// The last changes did not get into the kernel: all must be compared.
    private(set) var isPending = true

    /// Loads the programs beside those that may be attached; nothing changes
    /// for any packet yet.
    init(pins: Pins, cgroupRoot: String) throws(KernelError) {
        let object = try DatapathObject(pins: pins)
        driver = try TableDriver(pins: pins)
        attachments = Attachments(pins: pins)
        self.cgroupRoot = cgroupRoot
        self.object = object
    }

    /// Brings changes into force, or everything where the last ones failed.
    ///
    /// - Returns: the generation in force, and how many entries changed.
    mutating func apply(
        _ steps: [TableChanges], desired: () -> VerdictTables, settings: NodeSettings
    ) throws(KernelError) -> (generation: UInt32, entries: Int) {
        let wasPending = isPending
        isPending = true
        let result: (UInt32, Int)
        if wasPending {
            let repair = try driver.compareAndRepair(desired: desired(), settings: settings)
            result = (repair.applied.generation, repair.differing)
        } else {
            // Settings may have changed with no entry.
            let steps = steps.isEmpty ? [TableChanges()] : steps
            var generation: UInt32 = 0
            for step in steps { generation = try driver.apply(step, settings: settings).generation }
            result = (generation, steps.reduce(0) { $0 + $1.count })
        }
        isPending = false
        return result
    }

    /// Has everything compared at the next `apply`.
    mutating func distrust() { isPending = true }

    /// Attaches to these cgroups, given by their paths below the root, and
    /// detaches from all others. What is attached stays attached meanwhile.
    ///
    /// - Returns: what had to be attached or replaced, for the log.
    func attach(to paths: [String]) throws(KernelError) -> [String] {
        var done: [String] = []
        var wanted: Set<CgroupID> = []
        for path in paths {
            let full = "\(cgroupRoot)/\(path)"
            let change = try attachments.attach(to: full)
            wanted.insert(change.cgroup)
            if !change.attached.isEmpty || !change.updated.isEmpty {
                done.append(
                    "\(path): \(change.attached.count) attached, \(change.updated.count) replaced")
            }
        }
        for cgroup in try attachments.cgroups() where !wanted.contains(cgroup) {
            try attachments.detach(cgroup)
            done.append("cgroup \(cgroup.rawValue): detached")
        }
        return done
    }
}
