public import PolicyModel

/// The cluster's objects, as the changes so far leave them: the cache that compiler, reports and recorder ask.
public struct ClusterState: Sendable {
    var namespaces: [String: Namespace] = [:]
    var nodes: [String: Node] = [:]
    var pods = PodTable()
    var services: [NamespacedName: Service] = [:]
    /// By service, then by slice.
    var slices: [NamespacedName: [NamespacedName: EndpointSlice]] = [:]
    /// Services with more endpoints than one may have.
    private(set) var crowded: Set<NamespacedName> = []
    private var serviceOfSlice: [NamespacedName: NamespacedName] = [:]
    /// By namespace, then by name.
    var policies: [String: [String: NetworkPolicy]] = [:]

    var tiers = TierIndex()
    /// Handlers by the class's name.
    var runtimes: [String: String] = [:]

    public func labels(ofNamespace name: String) -> Labels {
        // The API server sets this label on every namespace; a pod may be known
        // before its namespace is.
        namespaces[name]?.labels ?? ["kubernetes.io/metadata.name": name]
    }

    /// Replaces or removes a slice.
    /// - Returns: the services concerned, before and after.
    mutating func setSlice(_ key: NamespacedName, _ slice: EndpointSlice?) -> Set<NamespacedName> {
        var concerned: Set<NamespacedName> = []
        if let old = serviceOfSlice.removeValue(forKey: key) {
            slices[old]?[key] = nil
            if slices[old]?.isEmpty == true { slices[old] = nil }
            concerned.insert(old)
        }
        if let slice {
            let service = NamespacedName(key.namespace, slice.serviceName)
            slices[service, default: [:]][key] = slice
            serviceOfSlice[key] = service
            concerned.insert(service)
        }
        return concerned
    }

    /// What translation may turn a service port into: every ready endpoint, or,
    /// as kube-proxy does it, when none is ready those still serving while they
    /// terminate. And beside those every endpoint, whatever its state.
    func backends(
        of service: ServiceAddress, _ port: Service.Port
    ) -> (inUse: [Backend], all: [Backend]) {
        var ready: Set<Backend> = []
        var serving: Set<Backend> = []
        var all: Set<Backend> = []
        for slice in slices[service.service.key, default: [:]].values {
            for slicePort in slice.ports
            where slicePort.name == port.name && slicePort.protocol == port.protocol {
                guard let number = slicePort.number else { continue }
                for endpoint in slice.endpoints {
                    for address in endpoint.addresses where address.isIPv4 == service.ipv4 {
                        let backend = Backend(address: address, port: number)
                        all.insert(backend)
                        if endpoint.ready { ready.insert(backend) }
                        if endpoint.servingWhileTerminating { serving.insert(backend) }
                    }
                }
            }
        }
        return ((ready.isEmpty ? serving : ready).sorted(), all.sorted())
    }

    /// Finds out whether a service has more endpoints than one may.
    /// - Returns: how many its ports have, each counted for each port.
    mutating func countEndpoints(of service: NamespacedName) -> Int {
        let ports = services[service]?.ports.count ?? 0
        let count =
            ports
            * slices[service, default: [:]].values.reduce(0) { sum, slice in
                sum + slice.endpoints.reduce(0) { $0 + $1.addresses.count }
            }
        if count > ObjectBounds.serviceEndpoints { crowded.insert(service) } else { crowded.remove(service) }
        return count
    }

    /// Every address behind the service, ready or not.
    func backendAddresses(of service: NamespacedName) -> Set<IPAddress> {
        Set(slices[service, default: [:]].values.flatMap { $0.endpoints.flatMap(\.addresses) })
    }
}

/// The addresses of one family that a service has.
struct ServiceAddress {
    var service: Service
    var ipv4: Bool
}

/// An address and port behind a service.
struct Backend: Hashable, Comparable {
    var address: IPAddress
    var port: UInt16

    static func < (left: Self, right: Self) -> Bool {
        (left.address, left.port) < (right.address, right.port)
    }
}
