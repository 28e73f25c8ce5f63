import PolicyModel

let endpointSliceProjection: Projection = [
    "metadata": Metadata.projection,
    "addressType": .all,
    "ports": ["name": .all, "protocol": .all, "port": .all],
    "endpoints": [
        "addresses": .all, "conditions": ["ready": .all, "serving": .all, "terminating": .all],
    ],
]

/// - Returns: Nil for a slice of no service, and for one of host names.
func endpointSlice(_ root: Field, _ metadata: Metadata) -> EndpointSlice? {
    guard let service = metadata.labels["kubernetes.io/service-name"], !service.isEmpty,
        root["addressType"].string() != "FQDN"
    else { return nil }
    return EndpointSlice(
        key: metadata.key, serviceName: service,
        ports: (root["ports"].elements() ?? []).compactMap(slicePort),
        endpoints: (root["endpoints"].elements() ?? []).map(endpoint))
}

private func slicePort(_ field: Field) -> EndpointSlice.Port? {
    field.withoutErrors { () -> EndpointSlice.Port? in
        guard let `protocol` = field["protocol"].transportProtocol() else { return nil }
        return EndpointSlice.Port(
            name: field["name"].string() ?? "", protocol: `protocol`, number: field["port"].port())
    } ?? nil
}

/// The defaults of discovery/v1 `EndpointConditions`: unknown readiness counts
/// as ready, unknown serving as the same as ready, terminating as not.
private func endpoint(_ field: Field) -> EndpointSlice.Endpoint {
    let conditions = field["conditions"]
    let ready = conditions["ready"].bool() ?? true
    let serving = conditions["serving"].bool() ?? ready
    let terminating = conditions["terminating"].bool() ?? false
    return EndpointSlice.Endpoint(
        addresses: distinctAddresses(field["addresses"].elements() ?? []),
        ready: ready, servingWhileTerminating: serving && terminating)
}
