public import PolicyModel

/// What is known of the cluster, for those who name things.
extension PolicyCompiler {
    public func service(_ key: NamespacedName) -> Service? { cluster.services[key] }

    /// The endpoint slices of a service, in the order of their names.
    public func endpointSlices(of service: NamespacedName) -> [EndpointSlice] {
        cluster.slices[service, default: [:]].sorted { $0.key < $1.key }.map(\.value)
    }

    public func labels(ofNamespace name: String) -> Labels { cluster.labels(ofNamespace: name) }

    /// What the pods at an address are to a selector; mostly one, none where it is no pod's.
    public func pods(at address: IPAddress) -> [(namespace: String, labels: Labels, ports: [NamedPort])] {
        space.members(at: address).compactMap { id in
            PodGroup(space.peership(id)).map { ($0.namespace, $0.labels, $0.ports) }
        }
    }
}
