public import VerdictTables

extension KernelTables {
    /// The counter slot that unknown pods share, and those for which none was left.
    public static let sharedSlot: UInt32 = 0

    /// What became of each pod's packets; pods that share a slot are left out.
    public func counters() throws(KernelError) -> [CgroupID: FlowCounters] {
        var slots: [CgroupID: UInt32] = [:]
        try maps.pods.forEach { if $1.slot != Self.sharedSlot { slots[$0] = $1.slot } }
        var all: [CgroupID: FlowCounters] = [:]
        for (cgroup, slot) in slots { all[cgroup] = try counters(slot: slot) }
        return all
    }

    /// Tells the counters' map from any other that this kernel has had since it was started.
    public var countersID: UInt32 { maps.counters.info.id }

    /// How many entries fit into the maps whose filling up would be an error.
    public var capacities: [DatapathMap: UInt32] {
        [
            .pods: maps.pods.info.capacity, .addresses: maps.addresses.info.capacity,
            .dnsNames: maps.names.info.capacity, .rules: maps.rules.info.capacity, .ports: maps.ports.info.capacity,
        ]
    }
}
