import KubernetesObjects
import PolicyModel

/// What is read from any text must read the same when it is printed.
func checkPrefix(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let address = IPAddress(text) {
        require(IPAddress(address.description) == address, "address \(text)")
        require(Prefix(host: address).contains(address), "host \(text)")
    }
    guard let prefix = Prefix(text) else { return }
    require(Prefix(prefix.description) == prefix, "prefix \(text)")
    require(prefix.address.masked(to: prefix.length) == prefix.address, "host bits of \(text)")
    require(prefix.contains(prefix), "prefix \(text) in itself")
    require(prefix.contains(prefix.address) || !prefix.isIPv4, "first address of \(text)")
}

/// A rule with this peer selector, in JSON.
func checkSelector(_ bytes: [UInt8]) {
    guard let value = oneValue(bytes) else { return }
    checkPolicy(spec: [
        "policyTypes": ["Egress"], "podSelector": value, "egress": [["to": [["podSelector": value]]], [:]],
    ])
}

/// A rule with these ports, in JSON.
func checkPorts(_ bytes: [UInt8]) {
    guard let value = oneValue(bytes) else { return }
    checkPolicy(spec: ["egress": [["ports": value], ["to": [["ipBlock": value]]]]])
}

func checkManifest(_ bytes: [UInt8]) {
    let documents = DocumentReader(limits: TextLimits(bytes: 1 << 20, values: 20_000))
    guard let objects = try? documents.read(bytes) else { return }
    for raw in objects {
        require(raw.document >= 1 && raw.line >= 0, "place")
        check(ObjectDecoder(honoursCgroupAnnotation: true).decode(raw.value, origin: "f"), of: raw.value)
        if case .object(let object) = raw.value, let spec = object["spec"] {
            checkPolicy(spec: spec)
            checkClusterPolicy(spec: spec)
        }
    }
}

private func oneValue(_ bytes: [UInt8]) -> JSONValue? {
    let documents = try? DocumentReader(limits: TextLimits(values: 20_000)).documents(bytes)
    return documents?.first?.value
}

private func checkPolicy(spec: JSONValue) {
    let value: JSONValue = [
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": ["name": "p"],
        "spec": spec,
    ]
    check(ObjectDecoder().decode(value), of: value)
}

private func checkClusterPolicy(spec: JSONValue) {
    for (version, kind) in [
        ("v1alpha2", "ClusterNetworkPolicy"), ("v1alpha1", "AdminNetworkPolicy"),
        ("v1alpha1", "BaselineAdminNetworkPolicy"),
    ] {
        let value: JSONValue = [
            "apiVersion": .string("policy.networking.k8s.io/\(version)"), "kind": .string(kind),
            "metadata": ["name": "p"], "spec": spec,
        ]
        check(ObjectDecoder().decode(value), of: value)
    }
}

func check(
    _ result: (object: ClusterObject?, diagnostics: [Diagnostic]), of value: JSONValue
) {
    require(result.diagnostics.allSatisfy { !$0.message.isEmpty && !$0.description.isEmpty }, "messages")
    switch result.object {
    case .networkPolicy(let policy): check(policy, result.diagnostics, of: value)
    case .pod(let pod):
        require(pod.cgroupPath?.hasPrefix("/") != true, "an absolute cgroup")
        require(pod.cgroupPath?.split(separator: "/").contains("..") != true, "a way out of the cgroup root")
        require(Set(pod.addresses).count == pod.addresses.count, "addresses twice")
    case .namespace(let namespace):
        require(namespace.labels["kubernetes.io/metadata.name"] == namespace.name, "the name label")
    case .node(let node): require(Set(node.addresses).count == node.addresses.count, "addresses twice")
    case .clusterNetworkPolicy(let policy): check(policy, of: value)
    case .service, .endpointSlice, .runtimeClass, nil: break
    }
}

/// No policy may come out wider than it was written.
private func check(_ policy: NetworkPolicy, _ diagnostics: [Diagnostic], of value: JSONValue) {
    let hasErrors = diagnostics.contains { $0.severity == .error }
    guard case .object(let root) = value, case .object(let spec) = root["spec"] else {
        require(policy.isolates.contains(.egress) && policy.rules.isEmpty && hasErrors, "no spec")
        return
    }
    let types: [JSONValue]? = if case .array(let types) = spec["policyTypes"] { types } else { nil }
    let egress: [JSONValue] = if case .array(let egress) = spec["egress"] { egress } else { [] }
    if types?.contains("Egress") == true { require(policy.isolates.contains(.egress), "Egress was asked for") }
    if (types ?? []).isEmpty && !egress.isEmpty { require(policy.isolates.contains(.egress), "there are egress rules") }
    require(policy.rules.count <= egress.count, "more rules than written")
    if policy.rules.count < egress.count { require(hasErrors, "a rule was left out in silence") }
    for (place, rule) in policy.rules.enumerated() {
        require(egress.indices.contains(rule.index), "rule number")
        require(place == 0 || policy.rules[place - 1].index < rule.index, "rule order")
        guard egress.indices.contains(rule.index), case .object(let written) = egress[rule.index] else {
            require(false, "a rule that is no object")
            return
        }
        require(rule.peers.map(\.count) ?? 0 == count(written["to"]), "a peer was left out of a rule")
        require(rule.ports.map(\.count) ?? 0 == count(written["ports"]), "a port was left out of a rule")
        for peer in rule.peers ?? [] { check(peer) }
        for port in rule.ports ?? [] {
            if case .range(let range) = port.number { require(range.lowerBound > 0, "port 0") }
        }
    }
}

private func count(_ list: JSONValue?) -> Int {
    if case .array(let elements) = list { elements.count } else { 0 }
}

private func check(_ peer: Peer) {
    switch peer {
    case .block(let block):
        for hole in block.except {
            require(block.prefix.contains(hole) && hole != block.prefix, "except outside its block")
        }
    case .pods(_, let selector):
        for requirement in selector.requirements {
            let takesValues = requirement.operator == .in || requirement.operator == .notIn
            require(requirement.values.isEmpty != takesValues, "values of \(requirement.operator)")
            require(!requirement.key.isEmpty, "an empty key")
        }
    }
}

/// No administrators' policy may come out wider than it was written: what accepts or
/// passes was understood, and what denies is there.
private func check(_ policy: ClusterNetworkPolicy, of value: JSONValue) {
    require(ClusterNetworkPolicy.priorities.contains(policy.priority), "priority")
    guard case .object(let root) = value, case .object(let spec) = root["spec"],
        case .array(let egress) = spec["egress"]
    else { return }
    for (place, rule) in policy.rules.enumerated() {
        require(egress.indices.contains(rule.index), "rule number")
        require(place == 0 || policy.rules[place - 1].index < rule.index, "rule order")
        guard rule.action != .deny || rule.peers != nil else { continue }
        require(rule.peers?.isEmpty == false, "a rule without peers")
        require(rule.ports?.isEmpty != true, "a rule of no ports")
        guard case .object(let written) = egress[rule.index] else {
            require(false, "a rule that is no object")
            return
        }
        require(
            rule.ports != nil || [written["protocols"], written["ports"]].allSatisfy { count($0) == 0 },
            "ports were left out of a rule")
    }
    for (index, entry) in egress.enumerated() {
        guard case .object(let written) = entry, written["action"] == "Deny" || written["action"] == "Pass"
        else { continue }
        require(policy.rules.contains { $0.index == index }, "a rule that denies or passes was left out")
    }
}
