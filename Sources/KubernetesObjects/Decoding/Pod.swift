import PolicyModel

/// What is read of a pod from the API.
let podProjection: Projection = [
    "metadata": Metadata.projection.adding(mirrorProjection),
    "spec": [
        "nodeName": .all, "hostNetwork": .all, "serviceAccountName": .all, "runtimeClassName": .all,
        "containers": containerProjection,
        "initContainers": containerProjection.adding(["restartPolicy": .all]),
        "ephemeralContainers": securityProjection,
        "hostAliases": ["hostnames": .all], "dnsConfig": ["nameservers": .all],
    ],
    "status": [
        "phase": .all, "podIP": .all, "podIPs": ["ip": .all],
        "conditions": ["type": .all, "status": .all],
    ],
]

private let containerProjection = securityProjection.adding([
    "ports": ["name": .all, "protocol": .all, "containerPort": .all]
])

func pod(_ root: Field, _ metadata: Metadata, honoursCgroupAnnotation: Bool) -> Pod {
    let spec = root["spec"]
    let status = root["status"]
    let phase = status["phase"].string() ?? ""
    let serviceAccount = spec["serviceAccountName"].string() ?? ""
    return Pod(
        key: metadata.key, uid: metadata.uid, labels: metadata.labels,
        nodeName: spec["nodeName"].string() ?? "",
        serviceAccount: serviceAccount.isEmpty ? "default" : serviceAccount,
        hostNetwork: spec["hostNetwork"].bool() ?? false,
        finished: phase == "Succeeded" || phase == "Failed",
        ready: !metadata.isTerminating && isReady(status, phase: phase),
        addresses: podAddresses(status),
        namedPorts: namedPorts(spec),
        cgroupPath: honoursCgroupAnnotation ? cgroupPath(metadata.annotations) : nil,
        mirror: mirror(spec, metadata), workload: workload(metadata), keepsNetRaw: keepsNetRaw(spec),
        runtimeClass: spec["runtimeClassName"].string().flatMap { $0.isEmpty ? nil : $0 },
        nameSources: nameSources(spec))
}

/// The Ready condition (core/v1 `PodCondition`). Hand-written manifests have
/// none; a pod that runs is then taken to be ready.
private func isReady(_ status: Field, phase: String) -> Bool {
    let conditions = status["conditions"].elements() ?? []
    guard !conditions.isEmpty else { return phase == "Running" || phase.isEmpty }
    return conditions.contains { $0["type"].string() == "Ready" && $0["status"].string() == "True" }
}

/// `status.podIPs` and `status.podIP`, which should be its first.
private func podAddresses(_ status: Field) -> [IPAddress] {
    let fields = (status["podIPs"].elements() ?? []).map { $0["ip"] } + [status["podIP"]]
    return distinctAddresses(fields)
}

/// The addresses in order; empty texts, which stand for "not yet", are passed
/// over.
func distinctAddresses(_ fields: [Field]) -> [IPAddress] {
    var addresses: [IPAddress] = []
    for field in fields where field.value != "" {
        if let address = field.address(), !addresses.contains(address) { addresses.append(address) }
    }
    return addresses
}

/// Named ports of the containers and of the init containers that keep running
/// beside them (`restartPolicy: Always`, KEP-753).
private func namedPorts(_ spec: Field) -> [NamedPort] {
    let sidecars = (spec["initContainers"].elements() ?? []).filter {
        $0["restartPolicy"].string() == "Always"
    }
    var ports: [NamedPort] = []
    for container in (spec["containers"].elements() ?? []) + sidecars {
        for field in container["ports"].elements() ?? [] {
            guard let name = field["name"].string(), !name.isEmpty else { continue }
            guard let `protocol` = field["protocol"].transportProtocol(),
                let number = field["containerPort"].port()
            else {
                if field["containerPort"].isAbsent { field["containerPort"].error("is missing") }
                continue
            }
            let port = NamedPort(name: name, protocol: `protocol`, number: number)
            if !ports.contains(port) { ports.append(port) }
        }
    }
    return ports
}

/// The annotation `sluice.dev/cgroup`: a path below the cgroup root that cannot
/// lead out of it.
private func cgroupPath(_ annotations: Field) -> String? {
    let field = annotations["sluice.dev/cgroup"]
    guard let path = field.string() else { return nil }
    guard !path.isEmpty, !path.hasPrefix("/") else {
        field.error("\(field.quoted(path)) must be a path relative to the cgroup root")
        return nil
    }
    guard !path.split(separator: "/").contains("..") else {
        field.error("\(field.quoted(path)) must not hold '..'")
        return nil
    }
    return path
}

/// `dnsConfig.nameservers` and the names of `hostAliases` (core/v1 `PodSpec`).
private func nameSources(_ spec: Field) -> [Pod.NameSource] {
    let servers = spec["dnsConfig"]["nameservers"].elements() ?? []
    let names = (spec["hostAliases"].elements() ?? []).flatMap { $0["hostnames"].elements() ?? [] }
    return distinctAddresses(servers).map(Pod.NameSource.nameserver)
        + names.compactMap { $0.string().flatMap { DomainName($0) } }.map(Pod.NameSource.alias)
}
