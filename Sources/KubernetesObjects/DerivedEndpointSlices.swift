public import PolicyModel

/// The endpoint slices that a cluster's endpoint-slice controller would have
/// made, for services of manifests, which come without any.
///
/// A service with a selector and without slices gets one slice per way in which
/// its target ports resolve: a named target port may be another number on
/// another pod (k8s.io/endpointslice `reconciler.reconcileByAddressType`). The
/// first is named after the service with `-derived`, the next `-derived-2`, ….
/// An endpoint holds every address of its pod, of both families.
public func derivedEndpointSlices(
    services: some Sequence<Service>, pods: some Sequence<Pod>, slices: some Sequence<EndpointSlice>
) -> [EndpointSlice] {
    var served: Set<NamespacedName> = []
    var taken: Set<NamespacedName> = []
    for slice in slices {
        served.insert(NamespacedName(slice.key.namespace, slice.serviceName))
        taken.insert(slice.key)
    }
    let candidates = services.filter { $0.selector != nil && !served.contains($0.key) }
    if candidates.isEmpty { return [] }
    let backends = Dictionary(
        grouping: pods.filter { !$0.finished && !$0.addresses.isEmpty }, by: \.key.namespace)
    var derived: [EndpointSlice] = []
    for service in candidates.sorted(by: { $0.key < $1.key }) {
        for slice in derivedSlices(of: service, pods: backends[service.key.namespace] ?? []) {
            var slice = slice
            // A slice that somebody else wrote under this name stays.
            while !taken.insert(slice.key).inserted { slice.key.name += "-derived" }
            derived.append(slice)
        }
    }
    return derived
}

private func derivedSlices(of service: Service, pods: [Pod]) -> [EndpointSlice] {
    let selector = LabelSelector(matchLabels: service.selector ?? [:])
    var groups: [[EndpointSlice.Port]: [EndpointSlice.Endpoint]] = [:]
    var order: [[EndpointSlice.Port]] = []
    for pod in pods.filter({ selector.matches($0.labels) }).sorted(by: { $0.key < $1.key }) {
        let ports = service.ports.compactMap { resolve($0, on: pod) }
        if groups[ports] == nil { order.append(ports) }
        groups[ports, default: []].append(
            EndpointSlice.Endpoint(addresses: pod.addresses, ready: pod.ready))
    }
    return order.enumerated().map { index, ports in
        let suffix = index == 0 ? "-derived" : "-derived-\(index + 1)"
        return EndpointSlice(
            key: NamespacedName(service.key.namespace, service.key.name + suffix),
            serviceName: service.key.name, ports: ports, endpoints: groups[ports] ?? [])
    }
}

/// A named target port is looked up by name and protocol; a pod without it does
/// not serve this port (k8s pkg/api/v1/pod `FindPort`).
private func resolve(_ port: Service.Port, on pod: Pod) -> EndpointSlice.Port? {
    let number: UInt16? =
        switch port.target {
        case .number(let number): number
        case .named(let name):
            pod.namedPorts.first { $0.name == name && $0.protocol == port.protocol }?.number
        }
    return number.map { EndpointSlice.Port(name: port.name, protocol: port.protocol, number: $0) }
}
