import PolicyCompiler
package import PolicyModel
package import VerdictTables

/// Which pod lives in which cgroup, kept in step pod by pod: what one change
/// costs does not depend on how many there are.
package struct PodCgroupIndex: Hashable, Sendable {
    /// How a pod came to its cgroup. Of several in one cgroup the smallest has it.
    package struct OwnershipClaim: Hashable, Comparable, Sendable {
        /// When the mirror was made through whose hash the cgroup was found;
        /// empty where it was found by what only the pod itself has.
        var since: String
        var key: NamespacedName

        package static func < (left: Self, right: Self) -> Bool {
            (left.since, left.key) < (right.since, right.key)
        }
    }

    private struct Binding: Hashable, Sendable {
        var cgroup: PodCgroup
        var claim: OwnershipClaim
        var isByHash: Bool
        /// The tree that the cgroup was found in by the pod's own uid, which nobody else has.
        var tree: String?
    }

    /// Where each pod was found.
    package var cgroups: [NamespacedName: PodCgroup] { bindings.mapValues(\.cgroup) }
    /// Whose rules apply in each cgroup.
    package private(set) var owners: [CgroupID: NamespacedName] = [:]
    /// Pods that are in another pod's cgroup, by that one's rules.
    package private(set) var podsSharingCgroup: [NamespacedName: NamespacedName] = [:]
    /// The cgroups of pods that say themselves where they are.
    package private(set) var cgroupsElsewhere: [NamespacedName: PodCgroup] = [:]
    /// Another number whenever `outlying` changes.
    package private(set) var cgroupsElsewhereVersion = 0

    private var bindings: [NamespacedName: Binding] = [:]
    private var claims: [CgroupID: [OwnershipClaim]] = [:]
    private var names: [NamespacedName: [CgroupName]] = [:]
    private var podsByCgroupName: [CgroupName: Set<NamespacedName>] = [:]
    private var levelCounts: [UInt8: Int] = [:]
    private var treeCounts: [String: Int] = [:]

    /// The depths at which pods live.
    package var levels: Set<UInt8> { Set(levelCounts.keys) }

    /// The trees that this node's pods were found in by their own uids.
    package var trees: Set<String> { Set(treeCounts.keys) }

    package func cgroup(of key: NamespacedName) -> PodCgroup? { bindings[key]?.cgroup }

    /// Whether a pod was found by the hash that its mirror tells.
    func isByHash(_ key: NamespacedName) -> Bool { bindings[key]?.isByHash ?? false }

    /// The pods whose cgroup one of the names may lead to.
    func podsByCgroupName(of names: Set<CgroupName>) -> Set<NamespacedName> {
        names.reduce(into: []) { $0.formUnion(podsByCgroupName[$1, default: []]) }
    }

    /// Looks for a pod's cgroup; nil is a pod that is gone.
    ///
    /// - Returns: the cgroups that may have other rules or another owner now.
    mutating func update(
        _ key: NamespacedName, _ subject: LocalPod?, locate: (CgroupName) -> PodCgroup?
    ) -> [CgroupID] {
        let old = bindings[key]
        rename(key, subject?.cgroupNames ?? [])
        let new = subject.flatMap { Self.binding($0, locate) }
        if old != new {
            bindings[key] = new
            if let old { unbind(old) }
            if let new { bind(new) }
            if subject?.cgroupPath != nil || cgroupsElsewhere[key] != nil {
                cgroupsElsewhere[key] = subject?.cgroupPath == nil ? nil : new?.cgroup
                cgroupsElsewhereVersion += 1
            }
        }
        return [old, new].compactMap { $0?.cgroup.id }
    }

    private static func binding(_ subject: LocalPod, _ locate: (CgroupName) -> PodCgroup?) -> Binding? {
        for name in subject.cgroupNames {
            guard let cgroup = locate(name) else { continue }
            let own = subject.cgroupPath != nil || name == .uid(subject.uid)
            let since = own ? "" : subject.mirror?.created ?? ""
            return Binding(
                cgroup: cgroup, claim: OwnershipClaim(since: since, key: subject.key), isByHash: !own,
                tree: own && subject.cgroupPath == nil ? cgroup.tree : nil)
        }
        return nil
    }

    private mutating func rename(_ key: NamespacedName, _ new: [CgroupName]) {
        let old = names[key] ?? []
        guard old != new else { return }
        for name in old {
            podsByCgroupName[name]?.remove(key)
            if podsByCgroupName[name]?.isEmpty == true { podsByCgroupName[name] = nil }
        }
        for name in new { podsByCgroupName[name, default: []].insert(key) }
        names[key] = new.isEmpty ? nil : new
    }

    private mutating func unbind(_ binding: Binding) {
        let id = binding.cgroup.id
        claims[id]?.removeAll { $0 == binding.claim }
        podsSharingCgroup[binding.claim.key] = nil
        chooseOwner(id)
        levelCounts[binding.cgroup.level, default: 0] -= 1
        if levelCounts[binding.cgroup.level] == 0 { levelCounts[binding.cgroup.level] = nil }
        if let tree = binding.tree {
            treeCounts[tree, default: 0] -= 1
            if treeCounts[tree] == 0 { treeCounts[tree] = nil }
        }
    }

    private mutating func bind(_ binding: Binding) {
        claims[binding.cgroup.id, default: []].append(binding.claim)
        chooseOwner(binding.cgroup.id)
        levelCounts[binding.cgroup.level, default: 0] += 1
        if let tree = binding.tree { treeCounts[tree, default: 0] += 1 }
    }

    private mutating func chooseOwner(_ id: CgroupID) {
        guard let owner = claims[id]?.min() else {
            claims[id] = nil
            owners[id] = nil
            return
        }
        owners[id] = owner.key
        for claim in claims[id] ?? [] { podsSharingCgroup[claim.key] = claim == owner ? nil : owner.key }
    }
}
