import PolicyModel

/// The parts whose unknown fields matter are kept whole.
let networkPolicyProjection: Projection = [
    "metadata": Metadata.projection,
    // The rules of `Direction.decoded`.
    "spec": ["podSelector": .all, "policyTypes": .all, "egress": .all],
]

/// A networking.k8s.io/v1 `NetworkPolicy`, validated as the API server does
/// (pkg/apis/networking/validation) but for its outcome: where the API server
/// refuses the object, this one stays in force with less allowed.
///
/// - A rule with an error in it is left out, the others stay.
/// - A `podSelector` with an error selects at least what was meant, and nothing
///   is allowed.
/// - `policyTypes` or `egress` with an error: the policy isolates.
func networkPolicy(_ root: Field, _ metadata: Metadata) -> NetworkPolicy {
    let spec = root["spec"]
    if spec.isAbsent { spec.error("is missing; every pod of the namespace is denied all egress") }
    // Asked of the root, so that two specs are as bad as none.
    guard root.withoutErrors({ root["spec"].object() }) ?? nil != nil else {
        return NetworkPolicy(
            key: metadata.key, podSelector: LabelSelector(), isolates: Set(Direction.decoded), rules: [])
    }
    let errors = spec.problems.errorCount
    let selector = labelSelector(spec["podSelector"])
    let selectorIsValid = spec.problems.errorCount == errors
    var rules: [PolicyRule] = []
    var hasEgress = false
    for direction in Direction.decoded {
        let field = spec[direction.rulesField]
        let entries = field.elements()
        rules += (entries ?? []).enumerated().compactMap { index, entry in
            policyRule(entry, RulePlace(direction, index))
        }
        if direction == .egress { hasEgress = entries.map { !$0.isEmpty } ?? !field.isAbsent }
    }
    return NetworkPolicy(
        key: metadata.key, podSelector: selector,
        isolates: isolation(spec["policyTypes"], hasEgress: hasEgress).intersection(Direction.decoded),
        rules: selectorIsValid ? rules : [])
}

/// `policyTypes` with its default (networking/v1 `NetworkPolicySpec`): where it
/// is empty, the policy isolates for ingress, and for egress too if it has an egress
/// rule, valid or not.
private func isolation(_ field: Field, hasEgress: Bool) -> Set<Direction> {
    let usual: Set<Direction> = hasEgress ? [.ingress, .egress] : [.ingress]
    guard let entries = field.elements() else { return field.isAbsent ? usual : Set(Direction.allCases) }
    var isolates = entries.isEmpty ? usual : []
    for entry in entries {
        switch entry.value {
        case "Ingress": isolates.insert(.ingress)
        case "Egress": isolates.insert(.egress)
        default:
            entry.error("must be Ingress or Egress; the policy is applied to egress")
            isolates.formUnion(Direction.allCases)
        }
    }
    return isolates
}

/// - Returns: Nil, with errors, unless all of the rule is valid.
private func policyRule(_ field: Field, _ place: RulePlace) -> PolicyRule? {
    field.withoutErrors { () -> PolicyRule in
        // Null would read as the empty rule, which allows everything.
        if field.isAbsent { field.error("is null, not a rule; write {} to allow everything") }
        field.warnOfFields(otherThan: [place.direction.peersField, "ports"])
        let peers = (field[place.direction.peersField].elements() ?? []).compactMap(peer)
        let ports = (field["ports"].elements() ?? []).compactMap(policyPort)
        return PolicyRule(
            place.direction, index: place.index, peers: peers.isEmpty ? nil : peers, ports: ports.isEmpty ? nil : ports)
    }
}

private func peer(_ field: Field) -> Peer? {
    guard field.object() != nil || field.isAbsent else { return nil }
    field.warnOfFields(otherThan: ["podSelector", "namespaceSelector", "ipBlock"])
    let pods = field["podSelector"]
    let namespaces = field["namespaceSelector"]
    let block = field["ipBlock"]
    switch (block.isAbsent, pods.isAbsent && namespaces.isAbsent) {
    case (true, true):
        field.error("names no peer; give podSelector, namespaceSelector or ipBlock")
        return nil
    case (false, false):
        field.error("ipBlock may not stand beside podSelector or namespaceSelector")
        return nil
    case (false, true):
        return ipBlock(block).map(Peer.block)
    case (true, false):
        return .pods(
            in: namespaces.isAbsent ? .own : .matching(labelSelector(namespaces)), labelSelector(pods))
    }
}

private func ipBlock(_ field: Field) -> IPBlock? {
    guard field.object() != nil else { return nil }
    field.warnOfFields(otherThan: ["cidr", "except"])
    if field["cidr"].isAbsent { field["cidr"].error("is missing") }
    guard let prefix = cidr(field["cidr"]) else { return nil }
    let except = (field["except"].elements() ?? []).compactMap { entry -> Prefix? in
        if entry.isAbsent { entry.error("is null, not a CIDR block") }
        guard let hole = cidr(entry) else { return nil }
        guard prefix.contains(hole), hole.length > prefix.length else {
            entry.error("\(hole) must lie strictly inside \(prefix)")
            return nil
        }
        return hole
    }
    return IPBlock(prefix, except: except)
}

func cidr(_ field: Field) -> Prefix? {
    guard let text = field.string() else { return nil }
    guard let prefix = Prefix(text) else {
        field.error(
            "\(field.quoted(text)) is not a CIDR block; write address/length such as 10.0.0.0/8")
        return nil
    }
    return prefix
}

private func policyPort(_ field: Field) -> PolicyPort? {
    if field.isAbsent { field.error("is null, not a port") }
    guard field.object() != nil, let `protocol` = field["protocol"].transportProtocol() else { return nil }
    field.warnOfFields(otherThan: ["protocol", "port", "endPort"])
    return portNumber(field).map { PolicyPort(`protocol`, $0) }
}

/// `port` and `endPort` (networking/v1 `NetworkPolicyPort`).
private func portNumber(_ field: Field) -> PolicyPort.Number? {
    let port = field["port"]
    let end = field["endPort"]
    switch port.value {
    case nil:
        guard end.isAbsent else {
            end.error("needs a port to begin at")
            return nil
        }
        return .any
    case .string(let name):
        guard Names.isPortName(name) else {
            port.error(
                UInt16(name) == nil
                    ? "\(field.quoted(name)) is not a port's name"
                    : "\(field.quoted(name)) is a text; write the number without quotes")
            return nil
        }
        guard end.isAbsent else {
            end.error("needs a port number to begin at, not the name \(field.quoted(name))")
            return nil
        }
        return .named(name)
    default:
        guard let first = port.port() else { return nil }
        if end.isAbsent { return .range(first...first) }
        guard let last = end.port() else { return nil }
        guard last >= first else {
            end.error("\(last) must not be below port \(first)")
            return nil
        }
        return .range(first...last)
    }
}
