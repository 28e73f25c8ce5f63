import PolicyCompiler
import PolicyModel
import VerdictTables

/// What the node's tables shall hold: what the compiler says of pods, joined
/// with the cgroups that they were found in. A value without I/O.
struct NodeState {
    private(set) var compiler: PolicyCompiler
    /// Where each pod was found.
    private(set) var cgroups: [NamespacedName: PodCgroup] = [:]
    private(set) var pods: [CgroupID: PodEntry] = [:]

    init(options: CompilerOptions) {
        compiler = PolicyCompiler(options: options)
    }

    var subjects: [NamespacedName: Subject] { compiler.subjects }

    /// Everything that the kernel shall hold.
    var tables: VerdictTables {
        var tables = compiler.tables
        tables.pods = pods
        return tables
    }

    /// The depths at which pods live.
    var levels: Set<UInt8> {
        Set(cgroups.values.map(\.level))
    }

    /// Takes changes of the cluster.
    /// - Parameter locate: finds a subject's cgroup, nil if it has none (yet).
    /// - Returns: the steps by which the tables change, none of them empty.
    mutating func update(
        _ changes: [ClusterChange], locate: (Subject) -> PodCgroup?
    ) -> [TableChanges] {
        let update = compiler.update(changes)
        for (key, subject) in update.subjects {
            cgroups[key] = subject.flatMap(locate)
        }
        var pods = TableChanges()
        pods.pods = settlePods()
        // Pods flip after the prefixes that go are gone: a set that is new to
        // them does not know the classes of those.
        let steps = update.arrivals.addresses.isEmpty
            ? [update.arrivals.followed(by: pods), update.departures]
            : [update.arrivals, pods, update.departures]
        return steps.filter { !$0.isEmpty }
    }

    /// Looks for every subject's cgroup again.
    mutating func relocate(_ locate: (Subject) -> PodCgroup?) -> [TableChanges] {
        for (key, subject) in subjects { cgroups[key] = locate(subject) }
        var result = TableChanges()
        result.pods = settlePods()
        return result.isEmpty ? [] : [result]
    }

    private mutating func settlePods() -> [CgroupID: PodEntry?] {
        var new: [CgroupID: PodEntry] = [:]
        // Two pods that name one cgroup: the first by name has it.
        for (key, cgroup) in cgroups.sorted(by: { $0.key < $1.key }) where new[cgroup.id] == nil {
            new[cgroup.id] = subjects[key]?.entry
        }
        var changes: [CgroupID: PodEntry?] = [:]
        for (id, entry) in new where pods[id] != entry { changes[id] = .some(entry) }
        for id in pods.keys where new[id] == nil { changes[id] = .some(nil) }
        pods = new
        return changes
    }
}

/// A pod's cgroup.
struct PodCgroup: Hashable {
    var id: CgroupID
    /// Below the cgroup root, without a leading slash.
    var path: String
    /// Its depth below the root.
    var level: UInt8
}
