package import PolicyCompiler
package import PolicyModel
package import VerdictTables

/// What the node's tables shall hold: what the compiler says of pods, joined
/// with the cgroups that they were found in. A value without I/O.
package struct NodeState {
    package private(set) var compiler: PolicyCompiler
    package private(set) var pods: [CgroupID: PodEntry] = [:]
    package private(set) var residences = Residences()
    /// Pods that are gone while their cgroups are not.
    package private(set) var deleted = DeletedPods()
    /// Cgroups whose owner is another, or has changed, since `takeNews`; nil for none.
    private var newOwners: [CgroupID: NamespacedName?] = [:]
    private var names = NameChanges()
    /// Uses of policy sets that have ended since `takeLeaving`.
    private var leaving: [PolicySetID] = []
    private let options: CompilerOptions

    package init(options: CompilerOptions) {
        self.options = options
        compiler = PolicyCompiler(options: options)
    }

    package var subjects: [NamespacedName: Subject] { compiler.subjects }
    /// Whose rules apply in each cgroup.
    package var owners: [CgroupID: NamespacedName] { residences.owners }
    /// Pods that are in another pod's cgroup, by that one's rules.
    package var lodgers: [NamespacedName: NamespacedName] { residences.lodgers }
    /// The depths at which pods live.
    package var levels: Set<UInt8> { residences.levels }

    /// Everything that the kernel shall hold.
    package var tables: VerdictTables {
        var tables = compiler.tables
        tables.pods = pods
        return tables
    }

    /// How many entries `tables` holds.
    var entryCount: Int {
        let tables = compiler.tables
        return tables.addresses.count + tables.names.count + tables.rules.count + tables.ports.count
            + pods.count
    }

    /// Takes changes of the cluster.
    /// - Parameter locate: finds a cgroup by name, nil if it is not there (yet).
    /// - Returns: the steps by which the tables change, none of them empty.
    package mutating func update(
        _ changes: [ClusterChange], locate: (CgroupName) -> PodCgroup?
    ) -> [TableChanges] {
        let changes = keepingDeleted(changes)
        return compile(changes, locate) + forgetGone(locate)
    }

    /// Looks again for the cgroups of pods that may be known by these names.
    package mutating func relocate(
        _ names: Set<CgroupName>, locate: (CgroupName) -> PodCgroup?
    ) -> [TableChanges] {
        settle(residences.bearers(of: names), locate) + forgetGone(locate)
    }

    /// Looks for every pod's cgroup again.
    package mutating func relocate(_ locate: (CgroupName) -> PodCgroup?) -> [TableChanges] {
        settle(subjects.keys, locate) + forgetGone(locate)
    }

    /// Whether policy sets may go that no pod points to any more.
    package var hasLeaving: Bool { !leaving.isEmpty }

    /// What may go once no program runs that still follows a pod to it: for `depart`.
    package mutating func takeLeaving() -> [PolicySetID] {
        defer { leaving = [] }
        return leaving
    }

    /// Lets policy sets go that no pod points to any more.
    /// - Returns: at most one step.
    package mutating func depart(_ leaving: [PolicySetID]) -> [TableChanges] {
        let departure = compiler.depart(leaving)
        note(departure.names)
        return departure.tables.isEmpty ? [] : [departure.tables]
    }

    var hasNews: Bool { !newOwners.isEmpty || !names.isEmpty }

    /// What is to be called otherwise than the last time.
    package mutating func takeNews() -> FlowBook.Changes {
        defer { (newOwners, names) = ([:], NameChanges()) }
        return FlowBook.Changes(
            residents: newOwners.mapValues { owner in
                owner.flatMap(compiler.record).map { record in
                    FlowBook.Resident(record, isDeleted: deleted.contains(record.pod.key))
                }
            }, names: names)
    }

    // MARK: Steps

    private mutating func compile(
        _ changes: [ClusterChange], _ locate: (CgroupName) -> PodCgroup?
    ) -> [TableChanges] {
        let arrival = compiler.arrive(changes)
        leaving += arrival.leaving
        let pods = settle(arrival.subjects.keys, locate).first ?? TableChanges()
        note(arrival.names)
        let step = arrival.tables.followed(by: pods)
        return step.isEmpty ? [] : [step]
    }

    private mutating func note(_ changes: NameChanges) {
        // Labels may have changed, and the verdicts not.
        for key in changes.pods.compactMap(\.new?.pod.key) {
            guard let id = residences.cgroup(of: key)?.id, residences.owners[id] == key else { continue }
            newOwners[id] = key
        }
        names.append(changes)
    }

    /// - Returns: at most one step.
    private mutating func settle(
        _ keys: some Sequence<NamespacedName>, _ locate: (CgroupName) -> PodCgroup?
    ) -> [TableChanges] {
        var touched: Set<CgroupID> = []
        for key in keys {
            touched.formUnion(residences.settle(key, compiler.subjects[key], locate: locate))
        }
        var changes = TableChanges()
        for id in touched {
            let owner = residences.owners[id]
            newOwners[id] = .some(owner)
            let entry = owner.flatMap { compiler.subjects[$0]?.entry }
            guard pods[id] != entry else { continue }
            pods[id] = entry
            changes.pods[id] = .some(entry)
        }
        return changes.isEmpty ? [] : [changes]
    }

    // MARK: Deleted pods

    /// Turns the end of a pod whose cgroup is still there into its going on
    /// without addresses; see `DeletedPods`.
    private mutating func keepingDeleted(_ changes: [ClusterChange]) -> [ClusterChange] {
        var result: [ClusterChange] = []
        // What the batch says so far.
        var latest: [NamespacedName: Pod?] = [:]
        for change in changes {
            guard let (key, pod) = change.pod else {
                result.append(change)
                continue
            }
            let old = latest[key] ?? compiler.pod(key)
            let new = pod.map { $0.inheriting(from: old, deleted[key]) }
            if latest[key] == nil, let old, ends(old, with: new) {
                result.append(.set(.pod(deleted.keep(old, isByHash: residences.isByHash(key)))))
            }
            if let new, options.covers(new) {
                for other in deleted.take(continuedBy: new) {
                    result.append(.remove(ObjectReference(.pod, other)))
                }
            }
            latest[key] = .some(new)
            result.append(new.map { .set(.pod($0)) } ?? change)
        }
        return result
    }

    /// Whether a pod that has a cgroup of its own by uid or hash is over.
    private func ends(_ old: Pod, with new: Pod?) -> Bool {
        guard residences.cgroup(of: old.key) != nil, lodgers[old.key] == nil, old.cgroupPath == nil
        else { return false }
        guard let new, options.covers(new) else { return true }
        if residences.isByHash(old.key) { return new.mirror?.hash != old.mirror?.hash }
        return new.uid != old.uid
    }

    /// Forgets deleted pods whose cgroups are gone.
    private mutating func forgetGone(_ locate: (CgroupName) -> PodCgroup?) -> [TableChanges] {
        let gone = deleted.keys.filter { residences.cgroup(of: $0) == nil }
        guard !gone.isEmpty else { return [] }
        for key in gone { deleted.forget(key) }
        return compile(gone.map { .remove(ObjectReference(.pod, $0)) }, locate)
    }
}

extension ClusterChange {
    /// The pod that it is about, and what it becomes; nil if it is not about one.
    fileprivate var pod: (key: NamespacedName, new: Pod?)? {
        switch self {
        case .set(.pod(let pod)): (pod.key, pod)
        case .remove(let reference) where reference.kind == .pod: (reference.key, nil)
        default: nil
        }
    }
}
