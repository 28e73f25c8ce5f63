package import PolicyCompiler
package import PolicyModel
package import VerdictTables

/// What the node's tables shall hold: what the compiler says of pods, joined
/// with the cgroups that they were found in. A value without I/O.
package struct NodeState {
    package private(set) var compiler: PolicyCompiler
    /// Where each pod was found.
    package private(set) var cgroups: [NamespacedName: PodCgroup] = [:]
    package private(set) var pods: [CgroupID: PodEntry] = [:]
    /// Whose rules apply in each cgroup.
    package private(set) var owners: [CgroupID: NamespacedName] = [:]
    /// Pods that are in another pod's cgroup, by that one's rules.
    package private(set) var lodgers: [NamespacedName: NamespacedName] = [:]

    package init(options: CompilerOptions) {
        compiler = PolicyCompiler(options: options)
    }

    package var subjects: [NamespacedName: Subject] { compiler.subjects }

    /// Everything that the kernel shall hold.
    package var tables: VerdictTables {
        var tables = compiler.tables
        tables.pods = pods
        return tables
    }

    /// How many entries `tables` holds.
    var entryCount: Int {
        let tables = compiler.tables
        return tables.addresses.count + tables.rules.count + tables.ports.count + pods.count
    }

    /// The depths at which pods live.
    package var levels: Set<UInt8> {
        Set(cgroups.values.map(\.level))
    }

    /// Takes changes of the cluster.
    /// - Parameter locate: finds a subject's cgroup, nil if it has none (yet).
    /// - Returns: the steps by which the tables change, none of them empty.
    package mutating func update(
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
    package mutating func relocate(_ locate: (Subject) -> PodCgroup?) -> [TableChanges] {
        for (key, subject) in subjects { cgroups[key] = locate(subject) }
        var result = TableChanges()
        result.pods = settlePods()
        return result.isEmpty ? [] : [result]
    }

    private mutating func settlePods() -> [CgroupID: PodEntry?] {
        var new: [CgroupID: PodEntry] = [:]
        owners = [:]
        lodgers = [:]
        // Two pods that name one cgroup: the first by name has it.
        for (key, cgroup) in cgroups.sorted(by: { $0.key < $1.key }) {
            if let owner = owners[cgroup.id] {
                lodgers[key] = owner
            } else if let subject = subjects[key] {
                owners[cgroup.id] = key
                new[cgroup.id] = subject.entry
            }
        }
        var changes: [CgroupID: PodEntry?] = [:]
        for (id, entry) in new where pods[id] != entry { changes[id] = .some(entry) }
        for id in pods.keys where new[id] == nil { changes[id] = .some(nil) }
        pods = new
        return changes
    }
}

/// A pod's cgroup.
package struct PodCgroup: Hashable {
    package var id: CgroupID
    /// Below the cgroup root, without a leading slash.
    package var path: String
    /// Its depth below the root.
    package var level: UInt8

    package init(id: CgroupID, path: String, level: UInt8) {
        self.id = id
        self.path = path
        self.level = level
    }
}
