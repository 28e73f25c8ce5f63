public import PolicyModel

/// What reports, recordings and lint checks ask about the cluster.
extension ClusterState {
    public func pod(_ key: NamespacedName) -> Pod? { pods[key] }

    /// The pod in the record that all who keep it share.
    public func podRecord(_ key: NamespacedName) -> PodRecord? { pods.record(key) }

    public func service(_ key: NamespacedName) -> Service? { services[key] }

    /// The endpoint slices of a service, in the order of their names.
    public func endpointSlices(of service: NamespacedName) -> [EndpointSlice] {
        slices[service, default: [:]].sorted { $0.key < $1.key }.map(\.value)
    }

    /// The addresses and ports that kube-proxy may translate a service's port into, of one family.
    public func endpoints(
        of service: Service, _ port: Service.Port, ipv4: Bool
    ) -> [(address: IPAddress, port: UInt16)] {
        backends(of: ServiceAddress(service: service, ipv4: ipv4), port).inUse.map { ($0.address, $0.port) }
    }

    public func networkPolicy(_ key: NamespacedName) -> NetworkPolicy? { policies[key.namespace]?[key.name] }

    public var networkPolicyCount: Int { policies.values.reduce(0) { $0 + $1.count } }

    /// The administrators' policies, in the order in which they are asked.
    public var clusterPolicies: [ClusterNetworkPolicy] {
        ClusterNetworkPolicy.Tier.allCases.flatMap { tiers[$0] }
    }

    /// Warnings about policies that share tier and priority: the API leaves open which is asked first; here kind
    /// and name decide.
    public var equalPriorities: [Diagnostic] {
        tiers.equals.flatMap { policies in
            policies.dropFirst().map { policy in
                Diagnostic(
                    .warning, object: policy.reference.description, reference: policy.reference,
                    field: "spec.priority",
                    "\(policy.priority) is the priority of \(policies[0].reference) too, in tier \(policy.tier.rawValue): which of them is asked first is settled by kind and name; give each its own"
                )
            }
        }
    }
}
