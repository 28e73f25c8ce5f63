package import PolicyModel

/// Pods that the cluster has deleted and whose cgroups are still there, as after
/// a forced deletion or while a node is out of reach.
///
/// What runs in such a cgroup stays under the policies that select the pod. So
/// the compiler goes on seeing the pod, with its labels, but under another name
/// and without addresses: it is no peer any more, as those may be another's, and
/// its name may be too.
package struct DeletedPods: Hashable, Sendable {
    private struct Kept: Hashable, Sendable {
        var pod: Pod
        /// The name it had.
        var name: NamespacedName
        /// Its cgroup was found by the hash that its mirror told.
        var isByHash: Bool
    }

    /// By the keys under which they go on.
    private var pods: [NamespacedName: Kept] = [:]
    private var keysByName: [NamespacedName: Set<NamespacedName>] = [:]

    package var keys: some Collection<NamespacedName> { pods.keys }
    package func contains(_ key: NamespacedName) -> Bool { pods[key] != nil }

    /// The pods that had a name.
    subscript(name: NamespacedName) -> [Pod] {
        keysByName[name, default: []].compactMap { pods[$0]?.pod }
    }

    /// No pod of the cluster can have this name: those hold no spaces.
    static func key(_ pod: Pod) -> NamespacedName {
        NamespacedName(pod.key.namespace, "\(pod.key.name) (deleted, \(pod.uid))")
    }

    /// - Parameter isByHash: whether its cgroup was found by its mirror's hash.
    /// - Returns: as what it goes on.
    mutating func keep(_ pod: Pod, isByHash: Bool) -> Pod {
        var kept = pod
        kept.key = Self.key(pod)
        kept.addresses = []
        pods[kept.key] = Kept(pod: kept, name: pod.key, isByHash: isByHash)
        keysByName[pod.key, default: []].insert(kept.key)
        return kept
    }

    /// Takes out those whose cgroup a pod of the cluster has again: the same pod,
    /// told of again, or another mirror of one static pod.
    mutating func remove(continuedBy pod: Pod) -> [NamespacedName] {
        let continued = keysByName[pod.key, default: []].filter { key in
            guard let kept = pods[key] else { return false }
            return kept.isByHash ? kept.pod.mirror?.hash == pod.mirror?.hash : kept.pod.uid == pod.uid
        }
        for key in continued { forget(key) }
        return Array(continued)
    }

    mutating func forget(_ key: NamespacedName) {
        guard let name = pods.removeValue(forKey: key)?.name else { return }
        keysByName[name]?.remove(key)
        if keysByName[name]?.isEmpty == true { keysByName[name] = nil }
    }
}

extension Pod {
    /// A mirror that is made again is as old as the one it follows: otherwise
    /// whoever deletes a mirror could let a forged one take its place.
    func inheriting(from old: Pod?, _ deleted: [Pod]) -> Pod {
        guard var mirror else { return self }
        for other in ([old].compactMap { $0 } + deleted).compactMap(\.mirror)
        where other.hash == mirror.hash {
            mirror.created = min(mirror.created, other.created)
        }
        var pod = self
        pod.mirror = mirror
        return pod
    }
}
