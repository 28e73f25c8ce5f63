import PolicyModel

/// Finds out who the pods' resolvers are, from what the cluster says.
///
/// Who may write these services and their slices decides whose answers count: they stand in
/// namespaces of the cluster's own.
struct ResolverFinder {
    /// Where NodeLocal DNSCache listens by default (kubernetes/dns, `-localip`).
    static let nodeLocal = IPAddress(ipv4: 0xa9fe_140a)

    private let services: Set<NamespacedName>
    private var serviceAddresses: [NamespacedName: [IPAddress]] = [:]
    private var sliceAddresses: [NamespacedName: [IPAddress]] = [:]

    init(services: [NamespacedName]) { self.services = Set(services) }

    /// Of services and their endpoints, ready or not: an endpoint that stops still answers.
    var addresses: Set<IPAddress> {
        Set(serviceAddresses.values.joined()).union(sliceAddresses.values.joined())
    }

    /// - Returns: whether any of them was concerned.
    mutating func apply(_ changes: [ClusterChange]) -> Bool {
        var changed = false
        for change in changes {
            switch change {
            case .set(.service(let service)) where services.contains(service.key):
                serviceAddresses[service.key] = service.addresses
                changed = true
            case .set(.endpointSlice(let slice)):
                let service = NamespacedName(slice.key.namespace, slice.serviceName)
                let known = services.contains(service) ? slice.endpoints.flatMap(\.addresses) : nil
                changed = changed || known != sliceAddresses[slice.key]
                sliceAddresses[slice.key] = known
            case .remove(let reference) where reference.kind == .service:
                changed = serviceAddresses.removeValue(forKey: reference.key) != nil || changed
            case .remove(let reference) where reference.kind == .endpointSlice:
                changed = sliceAddresses.removeValue(forKey: reference.key) != nil || changed
            default: break
            }
        }
        return changed
    }
}
