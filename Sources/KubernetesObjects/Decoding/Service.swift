import PolicyModel

let serviceProjection: Projection = [
    "metadata": Metadata.projection,
    "spec": [
        "type": .all, "clusterIP": .all, "clusterIPs": .all, "externalIPs": .all, "selector": .all,
        "ports": ["name": .all, "protocol": .all, "port": .all, "targetPort": .all],
    ],
    "status": ["loadBalancer": ["ingress": ["ip": .all]]],
]

func service(_ root: Field, _ metadata: Metadata) -> Service {
    let spec = root["spec"]
    let selector = serviceSelector(spec["selector"])
    return Service(
        key: metadata.key, addresses: isTranslated(metadata) ? serviceAddresses(root) : [],
        ports: (spec["ports"].elements() ?? []).compactMap(servicePort),
        selector: selector.isEmpty ? nil : selector)
}

/// Whether kube-proxy translates its addresses. It leaves a service with this label
/// to another proxy (pkg/proxy/apis, `LabelServiceProxyName`; KEP-2447): packets to
/// its external addresses then go where these really are, whatever its endpoints.
private func isTranslated(_ metadata: Metadata) -> Bool {
    metadata.labels["service.kubernetes.io/service-proxy-name"] == nil
}

/// Every address under which kube-proxy answers for the service. One that is an
/// ExternalName has none, whatever else it says.
private func serviceAddresses(_ root: Field) -> [IPAddress] {
    let spec = root["spec"]
    if spec["type"].string() == "ExternalName" { return [] }
    // clusterIP mirrors the first of clusterIPs (core/v1 `ServiceSpec`).
    let clusterIPs = spec["clusterIPs"].elements() ?? []
    let own = (clusterIPs.isEmpty ? [spec["clusterIP"]] : clusterIPs).filter { $0.value != "None" }
    let external = spec["externalIPs"].elements() ?? []
    let ingress = root["status"]["loadBalancer"]["ingress"].elements() ?? []
    return distinctAddresses(own + external + ingress.map { $0["ip"] })
}

private func servicePort(_ field: Field) -> Service.Port? {
    field.withoutErrors { () -> Service.Port? in
        if field["port"].isAbsent { field["port"].error("is missing") }
        guard let number = field["port"].port(), let `protocol` = field["protocol"].transportProtocol()
        else { return nil }
        return Service.Port(
            name: field["name"].string() ?? "", protocol: `protocol`, number: number,
            target: target(field["targetPort"], default: number))
    } ?? nil
}

/// `targetPort`: the same port where absent, and where it is the 0 or the empty
/// text of a client that fills in every field.
private func target(_ field: Field, default number: UInt16) -> Service.Port.Target {
    switch field.value {
    case nil, .int(0), .string(""): return .number(number)
    case .string(let name):
        if !Names.isPortName(name) { field.error("\(field.quoted(name)) is not a port's name") }
        return .named(name)
    default: return .number(field.port() ?? number)
    }
}

/// A pair that is no text fits no pod; without it the service would get
/// endpoints that it does not have.
private func serviceSelector(_ field: Field) -> Labels {
    guard let object = field.object() else { return [:] }
    var selector: Labels = [:]
    for key in object.fields.keys.sorted() {
        let value = field[key]
        selector[key] = value.isAbsent ? "" : value.string() ?? "\u{0}"
    }
    return selector
}
