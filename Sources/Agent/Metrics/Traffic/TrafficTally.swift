package import KernelDatapath
package import PolicyModel
package import VerdictTables

/// From pods' counters in the kernel to sums by namespace that never fall while the namespace has a pod.
///
/// A value without I/O. What a pod counted stays in its namespace's sum when the pod leaves; counters
/// that begin again, as a slot does that somebody cleared, add to it.
package struct TrafficTally {
    private struct Counting {
        /// The one that it began in: a cgroup does not take its past to another.
        var namespace: String
        var counters: FlowCounters
    }

    private var owners: [CgroupID: NamespacedName] = [:]
    /// Cgroups that nobody owns any more and that may still be in the kernel.
    private var leaving: Set<CgroupID> = []
    private var counting: [CgroupID: Counting] = [:]
    /// What pods counted that are gone, and what was counted before counters began again.
    package private(set) var past: [String: FlowCounters]

    /// - Parameters:
    ///   - past: as an earlier agent left it.
    ///   - owners: whom that agent knew; they count until the kernel has them no more.
    package init(past: [String: FlowCounters] = [:], owners: [CgroupID: NamespacedName] = [:]) {
        self.past = past
        self.owners = owners
        leaving = Set(owners.keys)
    }

    /// Takes pods that are new in their cgroups, nil where none is any more.
    package mutating func setOwners(_ changes: [CgroupID: NamespacedName?]) {
        for (cgroup, owner) in changes {
            if let owner {
                owners[cgroup] = owner
                leaving.remove(cgroup)
            } else if owners[cgroup] != nil {
                leaving.insert(cgroup)
            }
        }
    }

    /// Takes what the kernel counted for all the pods that it has.
    package mutating func observe(_ counters: [CgroupID: FlowCounters]) {
        for (cgroup, counters) in counters { observe(counters, of: cgroup) }
        for cgroup in leaving where counters[cgroup] == nil { forget(cgroup) }
        let present = namespaces
        past = past.filter { present.contains($0.key) }
    }

    /// Takes the last word on a pod that left the kernel's tables.
    package mutating func remove(_ cgroup: CgroupID, _ counters: FlowCounters) {
        observe(counters, of: cgroup)
        forget(cgroup)
    }

    private mutating func observe(_ counters: FlowCounters, of cgroup: CgroupID) {
        guard let owner = owners[cgroup] else { return }
        let last = counting[cgroup] ?? Counting(namespace: owner.namespace, counters: FlowCounters())
        if !counters.continues(last.counters) { past[last.namespace, default: FlowCounters()] += last.counters }
        counting[cgroup] = Counting(namespace: last.namespace, counters: counters)
    }

    private mutating func forget(_ cgroup: CgroupID) {
        owners[cgroup] = nil
        leaving.remove(cgroup)
        guard let last = counting.removeValue(forKey: cgroup) else { return }
        past[last.namespace, default: FlowCounters()] += last.counters
    }

    /// The namespaces that have pods.
    package var namespaces: Set<String> { Set(owners.values.map(\.namespace)) }

    /// By namespace, for those that have pods.
    package var sums: [String: FlowCounters] {
        var sums = Dictionary(uniqueKeysWithValues: namespaces.map { ($0, past[$0] ?? FlowCounters()) })
        for last in counting.values where sums[last.namespace] != nil {
            sums[last.namespace, default: FlowCounters()] += last.counters
        }
        return sums
    }

    /// By pod.
    package var pods: [NamespacedName: FlowCounters] {
        var pods: [NamespacedName: FlowCounters] = [:]
        for (cgroup, owner) in owners {
            guard let last = counting[cgroup] else { continue }
            pods[owner, default: FlowCounters()] += last.counters
        }
        return pods
    }
}

extension FlowCounters {
    fileprivate static func += (left: inout Self, right: Self) { left = left + right }

    /// Whether it can be what the other has become: counters only grow.
    fileprivate func continues(_ earlier: Self) -> Bool {
        [\Self.denied, \.allowed, \.audit, \.held].allSatisfy { part in
            self[keyPath: part].packets >= earlier[keyPath: part].packets
        }
    }
}
