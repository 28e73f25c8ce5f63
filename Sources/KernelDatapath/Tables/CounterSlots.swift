import CSluice
package import VerdictTables

/// Which pod counts where. Slot 0 is shared by pods that nobody knows, and by
/// those for which none was left.
package struct CounterSlots {
    private var taken: [CgroupID: UInt32]
    /// The lowest last, to be given first.
    private var free: [UInt32]

    package init(of pods: [CgroupID: PodEntry], count: UInt32) {
        taken = pods.compactMapValues { $0.slot == 0 ? nil : $0.slot }
        let used = Set(taken.values)
        free = (1..<max(count, 1)).reversed().filter { !used.contains($0) }
    }

    package subscript(pod: CgroupID) -> UInt32? { taken[pod] }

    /// A slot for a pod that has none; nil if none is left.
    package mutating func assign(to pod: CgroupID) -> UInt32? {
        guard let slot = free.popLast() else { return nil }
        taken[pod] = slot
        return slot
    }

    package mutating func release(_ pod: CgroupID) {
        guard let slot = taken.removeValue(forKey: pod) else { return }
        if !taken.values.contains(slot) { free.append(slot) }
    }
}
