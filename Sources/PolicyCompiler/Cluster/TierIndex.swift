import PolicyModel

/// The administrators' policies, each tier in the order in which it is asked.
struct TierIndex {
    private var policies: [ObjectReference: ClusterNetworkPolicy] = [:]
    private var ordered: [ClusterNetworkPolicy.Tier: [ClusterNetworkPolicy]] = [:]

    /// - Returns: what it replaces; nil if nothing was there.
    mutating func set(_ reference: ObjectReference, _ policy: ClusterNetworkPolicy?) -> ClusterNetworkPolicy? {
        let old = policies[reference]
        guard old != policy else { return old }
        policies[reference] = policy
        for tier in Set([old?.tier, policy?.tier].compactMap(\.self)) {
            ordered[tier] = policies.values.filter { $0.tier == tier }.sorted { $0.precedes($1) }
        }
        return old
    }

    subscript(tier: ClusterNetworkPolicy.Tier) -> [ClusterNetworkPolicy] { ordered[tier] ?? [] }

    var references: [ObjectReference] { policies.keys.sorted() }

    subscript(reference: ObjectReference) -> ClusterNetworkPolicy? { policies[reference] }

    /// Policies of one tier and priority, which the API leaves in no order.
    var equals: [[ClusterNetworkPolicy]] {
        ClusterNetworkPolicy.Tier.allCases.flatMap { tier in
            Dictionary(
                grouping: self[tier].filter { !$0.rules.isEmpty && $0.kind != .baselineAdminNetworkPolicy },
                by: \.priority
            )
            .filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map(\.value)
        }
    }
}
