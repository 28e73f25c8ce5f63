package import PolicyCompiler
package import PolicyModel
package import VerdictTables

/// What the node's tables shall hold: what the compiler says of pods, joined
/// with the cgroups that they were found in. A value without I/O.
package struct NodeState {
    package private(set) var compiler: PolicyCompiler
    package private(set) var pods: [CgroupID: PodEntry] = [:]
    package private(set) var cgroupIndex = PodCgroupIndex()
    /// Pods that are gone while their cgroups are not.
    package private(set) var deleted = DeletedPods()
    /// Cgroups whose owner is another, or has changed, since `drainUpdates`; nil for none.
    private var newOwners: [CgroupID: NamespacedName?] = [:]
    private var names = ClusterMetadataDelta()
    /// Uses of policy sets that have ended since `drainUnusedSets`.
    private var unusedSets: [PolicySetID] = []
    /// Which pods wait until all that may narrow their policy is known.
    private var gate = PodGate()
    /// Pods whose packets meet no verdict, and why.
    package private(set) var unenforceable: [NamespacedName: String] = [:]
    private let options: CompilerOptions

    package init(options: CompilerOptions) {
        self.options = options
        compiler = PolicyCompiler(options: options)
    }

    package var subjects: [NamespacedName: LocalPod] { compiler.subjects }
    /// Whose rules apply in each cgroup.
    package var owners: [CgroupID: NamespacedName] { cgroupIndex.owners }
    /// Pods that are in another pod's cgroup, by that one's rules.
    package var podsSharingCgroup: [NamespacedName: NamespacedName] { cgroupIndex.podsSharingCgroup }
    /// The depths at which pods live.
    package var levels: Set<UInt8> { cgroupIndex.levels }

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
        return Self.steps(compile(changes, locate), forgetGone(locate))
    }

    /// From now on brings big policy sets in, and takes them out, so many blocks at a time.
    package mutating func workInParts(of size: Int) { compiler.partSize = size }

    /// Whether something big is left for `proceed`.
    package var hasUnfinished: Bool { compiler.hasUnfinished }

    /// Does the next part of what is big.
    package mutating func proceed(locate: (CgroupName) -> PodCgroup?) -> [TableChanges] {
        Self.steps(apply(compiler.proceed(), locate), forgetGone(locate))
    }

    /// Looks again for the cgroups of pods that may be known by these names.
    package mutating func relocate(
        _ names: Set<CgroupName>, locate: (CgroupName) -> PodCgroup?
    ) -> [TableChanges] {
        Self.steps(updateCgroups(cgroupIndex.podsByCgroupName(of: names), locate), forgetGone(locate))
    }

    /// Looks for every pod's cgroup again.
    package mutating func relocate(_ locate: (CgroupName) -> PodCgroup?) -> [TableChanges] {
        Self.steps(updateCgroups(subjects.keys, locate), forgetGone(locate))
    }

    /// From now on lets in no pod that policy may be about, until `openGate`.
    ///
    /// - Parameter inside: cgroups that the kernel knows already; their pods stay.
    package mutating func closeGate(inside: Set<CgroupID>) { gate.close(inside: inside.union(pods.keys)) }

    /// Lets in who waits.
    package mutating func openGate(locate: (CgroupName) -> PodCgroup?) -> TableChanges {
        updateCgroups(gate.open().compactMap { cgroupIndex.owners[$0] }, locate)
    }

    /// Whether a pod's cgroup is known and the kernel is not told of it yet.
    package func isHeld(_ key: NamespacedName) -> Bool {
        cgroupIndex.cgroup(of: key).map { gate.waiting.contains($0.id) } ?? false
    }

    /// Whether there are policy sets that no pod points to any more.
    package var hasUnusedSets: Bool { !unusedSets.isEmpty }

    /// The sets to reclaim after a grace period, when no program runs that found a pod with them.
    package mutating func drainUnusedSets() -> [PolicySetID] {
        defer { unusedSets = [] }
        return unusedSets
    }

    /// Removes policy sets that no pod points to any more.
    package mutating func reclaim(_ unusedSets: [PolicySetID]) -> TableChanges {
        let removals = compiler.reclaim(unusedSets)
        record(removals.metadata)
        return removals.tables
    }

    var hasUpdates: Bool { !newOwners.isEmpty || !names.isEmpty }

    /// What is to be called otherwise than the last time.
    package mutating func drainUpdates() -> FlowEnricher.Changes {
        defer { (newOwners, names) = ([:], ClusterMetadataDelta()) }
        return FlowEnricher.Changes(
            residents: newOwners.mapValues { owner in
                owner.flatMap(compiler.cluster.podRecord).map { record in
                    FlowEnricher.Resident(record, isDeleted: deleted.contains(record.pod.key))
                }
            }, names: names)
    }

    // MARK: Steps

    private static func steps(_ changes: TableChanges...) -> [TableChanges] { changes.filter { !$0.isEmpty } }

    private mutating func compile(
        _ changes: [ClusterChange], _ locate: (CgroupName) -> PodCgroup?
    ) -> TableChanges {
        apply(compiler.apply(changes), locate)
    }

    private mutating func apply(
        _ additions: PolicyCompiler.Additions, _ locate: (CgroupName) -> PodCgroup?
    ) -> TableChanges {
        unusedSets += additions.unusedSets
        for (key, subject) in additions.subjects {
            unenforceable[key] = subject.flatMap { $0.finished ? nil : $0.unenforceable }
        }
        let pods = updateCgroups(additions.subjects.keys, locate)
        record(additions.metadata)
        return additions.tables.followed(by: pods)
    }

    private mutating func record(_ changes: ClusterMetadataDelta) {
        // Labels may have changed, and the verdicts not.
        for key in changes.pods.compactMap(\.new?.pod.key) {
            guard let id = cgroupIndex.cgroup(of: key)?.id, cgroupIndex.owners[id] == key else { continue }
            newOwners[id] = key
        }
        names.append(changes)
    }

    private mutating func updateCgroups(
        _ keys: some Sequence<NamespacedName>, _ locate: (CgroupName) -> PodCgroup?
    ) -> TableChanges {
        var touched: Set<CgroupID> = []
        for key in keys {
            touched.formUnion(cgroupIndex.update(key, compiler.subjects[key], locate: locate))
        }
        var changes = TableChanges()
        for id in touched {
            let owner = cgroupIndex.owners[id]
            newOwners[id] = .some(owner)
            let subject = owner.flatMap { compiler.subjects[$0] }
            let entry = gate.admits(subject, in: id) ? subject?.entry : nil
            guard pods[id] != entry else { continue }
            pods[id] = entry
            changes.pods[id] = .some(entry)
        }
        return changes
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
            let old = latest[key] ?? compiler.cluster.pod(key)
            let new = pod.map { $0.inheriting(from: old, deleted[key]) }
            if latest[key] == nil, let old, ends(old, with: new) {
                result.append(.set(.pod(deleted.keep(old, isByHash: cgroupIndex.isByHash(key)))))
            }
            if let new, options.covers(new) {
                for other in deleted.remove(continuedBy: new) {
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
        guard cgroupIndex.cgroup(of: old.key) != nil, podsSharingCgroup[old.key] == nil, old.cgroupPath == nil
        else { return false }
        guard let new, options.covers(new) else { return true }
        if cgroupIndex.isByHash(old.key) { return new.mirror?.hash != old.mirror?.hash }
        return new.uid != old.uid
    }

    /// Forgets deleted pods whose cgroups are gone.
    private mutating func forgetGone(_ locate: (CgroupName) -> PodCgroup?) -> TableChanges {
        let gone = deleted.keys.filter { cgroupIndex.cgroup(of: $0) == nil }
        guard !gone.isEmpty else { return TableChanges() }
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
