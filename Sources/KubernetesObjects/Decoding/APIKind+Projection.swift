import PolicyModel

extension APIKind {
    /// What the kind's decoder reads, and no more.
    var projection: Projection {
        switch self {
        case .namespace: namespaceProjection
        case .node: nodeProjection
        case .pod: podProjection
        case .service: serviceProjection
        case .endpointSlice: endpointSliceProjection
        case .runtimeClass: runtimeClassProjection
        case .networkPolicy: networkPolicyProjection
        case .clusterNetworkPolicy, .adminNetworkPolicy, .baselineAdminNetworkPolicy:
            clusterNetworkPolicyProjection
        }
    }
}

extension ObjectReference.Kind {
    /// What is read of such an object that an API server sent.
    var answerProjection: Projection {
        let projection = APIKind(self).projection
        return isDecision ? projection.adding(Provenance.projection) : projection
    }
}
