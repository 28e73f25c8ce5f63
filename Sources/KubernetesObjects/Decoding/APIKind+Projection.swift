extension APIKind {
    /// What the kind's decoder reads, and no more.
    var projection: Projection {
        switch self {
        case .namespace: namespaceProjection
        case .node: nodeProjection
        case .pod: podProjection
        case .service: serviceProjection
        case .endpointSlice: endpointSliceProjection
        case .networkPolicy: networkPolicyProjection
        case .clusterNetworkPolicy, .adminNetworkPolicy, .baselineAdminNetworkPolicy:
            clusterNetworkPolicyProjection
        }
    }
}
