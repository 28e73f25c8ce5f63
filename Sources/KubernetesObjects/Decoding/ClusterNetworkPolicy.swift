import PolicyModel

/// All of the spec is kept: what its fields do not say must not be missed.
let clusterNetworkPolicyProjection: Projection = [
    "metadata": Metadata.projection.adding([
        "annotations": ["sluice.dev/private-answers": .all, "sluice.dev/name-grace": .all]
    ]), "spec": .all,
]

/// A policy.networking.k8s.io `ClusterNetworkPolicy`, v1alpha2 or v1beta1, which
/// have the same fields.
///
/// What the API server would refuse, or what a later version of the API may have
/// added, fails closed as the API's text says it of an unknown peer: an Accept
/// rule matches nothing, a Deny or Pass rule denies everything. A tier, priority
/// or subject that is not understood is read as the strictest there is (Admin, 0,
/// every pod), and the policy then accepts and passes nothing.
func clusterNetworkPolicy(_ root: Field, _ metadata: Metadata) -> ClusterNetworkPolicy {
    let errors = root.problems.errorCount
    let spec = root["spec"]
    if spec.isAbsent { spec.error("is missing; the policy has no effect") }
    let tier = tier(spec["tier"], of: spec) ?? .admin
    let priority = priority(spec["priority"], of: spec) ?? ClusterNetworkPolicy.priorities.lowerBound
    let subject = policySubject(spec["subject"], of: spec) ?? PodSelection()
    let reader = ClusterRuleReader(
        actions: ["Accept": .accept, "Deny": .deny, "Pass": .pass], portsField: "protocols", limit: 25,
        isPlaced: spec.problems.errorCount == errors, takesNames: tier == .admin, readPorts: matchedProtocols)
    return ClusterNetworkPolicy(
        name: metadata.key.name, tier: tier, priority: priority, subject: subject,
        rules: reader.rules(spec), allowsPrivateAnswers: allowsPrivateAnswers(metadata),
        nameGrace: nameGrace(metadata))
}

/// The annotation `sluice.dev/private-answers`: `allow`, or nothing.
func allowsPrivateAnswers(_ metadata: Metadata) -> Bool {
    let field = metadata.annotations["sluice.dev/private-answers"]
    guard let text = field.string() else { return false }
    if text != "allow" {
        field.error("\(field.quoted(text)) is not allow; answers with private or guarded addresses open nothing")
    }
    return text == "allow"
}

/// The annotation `sluice.dev/name-grace`: a number and its unit, as in `90s`, `5m` and `1h`.
///
/// - Returns: seconds; nil without one, and with an error for one that is not understood.
func nameGrace(_ metadata: Metadata) -> UInt16? {
    let field = metadata.annotations["sluice.dev/name-grace"]
    guard let text = field.string() else { return nil }
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = text.last.flatMap({ units[$0] }), text.count <= 6, text.dropLast().allSatisfy(\.isWholeNumber),
        let number = Int(text.dropLast()), (0...64_800).contains(number * unit)
    else {
        field.error("\(field.quoted(text)) is no time; write 90s, 5m or 1h, at most 18h: the node's own setting counts")
        return nil
    }
    return UInt16(number * unit)
}

private func tier(_ field: Field, of spec: Field) -> ClusterNetworkPolicy.Tier? {
    if field.isAbsent && !spec.isAbsent { field.error("is missing") }
    guard let name = field.string() else { return nil }
    guard let known = ClusterNetworkPolicy.Tier(rawValue: name) else {
        field.error("\(field.quoted(name)) is not a tier; use Admin or Baseline")
        return nil
    }
    return known
}

func priority(_ field: Field, of spec: Field) -> Int? {
    if field.isAbsent && !spec.isAbsent { field.error("is missing") }
    guard let number = field.int() else { return nil }
    guard let priority = Int(exactly: number), ClusterNetworkPolicy.priorities.contains(priority) else {
        field.error("\(number) is not a priority; they are 0 to 1000")
        return nil
    }
    return priority
}

/// `subject`: exactly one of `namespaces` and `pods`.
///
/// - Returns: At least what was meant, as errors are left out of selectors; nil if
///   nothing can be made of it.
func policySubject(_ field: Field, of spec: Field) -> PodSelection? {
    if field.isAbsent {
        if !spec.isAbsent { field.error("is missing") }
        return nil
    }
    switch field.onlyField(among: ["namespaces", "pods"], as: "a subject") {
    case "namespaces": return PodSelection(namespaces: strictSelector(field["namespaces"]))
    case "pods": return namespacedPods(field["pods"])
    default: return nil
    }
}

/// `NamespacedPod`; an absent `namespaceSelector` is an empty one.
func namespacedPods(_ field: Field) -> PodSelection {
    field.refuseUnknown(otherThan: ["namespaceSelector", "podSelector"])
    if field.object() != nil && field["podSelector"].isAbsent { field["podSelector"].error("is missing") }
    return PodSelection(
        namespaces: strictSelector(field["namespaceSelector"]), pods: strictSelector(field["podSelector"]))
}

/// A selector in which a field that is not known is an error: without it the
/// selector may name everything.
func strictSelector(_ field: Field) -> LabelSelector {
    field.refuseUnknown(otherThan: ["matchLabels", "matchExpressions"])
    return labelSelector(field)
}

/// One entry of `protocols` (`ClusterNetworkPolicyProtocol`): exactly one of `tcp`,
/// `udp`, `sctp` with their destination port, and `destinationNamedPort`.
private func matchedProtocols(_ field: Field) -> [PolicyPort] {
    let known = ["tcp", "udp", "sctp", "destinationNamedPort"]
    guard let name = field.onlyField(among: known, as: "a protocol") else { return [] }
    if name == "destinationNamedPort" { return portsNamed(field[name]) }
    guard let `protocol` = TransportProtocol(name: name.uppercased()),
        field[name].onlyField(among: ["destinationPort"], as: "a port") != nil
    else { return [] }
    let port = field[name]["destinationPort"]
    switch port.onlyField(among: ["number", "range"], as: "a port") {
    case "number": return port["number"].port().map { [PolicyPort(`protocol`, .range($0...$0))] } ?? []
    case "range": return portRange(port["range"]).map { [PolicyPort(`protocol`, .range($0))] } ?? []
    default: return []
    }
}

/// `start` and `end` (`PortRange`): the end lies above the start.
func portRange(_ field: Field) -> ClosedRange<UInt16>? {
    for bound in ["start", "end"] where field[bound].isAbsent { field[bound].error("is missing") }
    guard let start = field["start"].port(), let end = field["end"].port() else { return nil }
    guard start < end else {
        field["end"].error("\(end) must be above the start, \(start)")
        return nil
    }
    return start...end
}

/// A container port's name says its protocol by itself.
func portsNamed(_ field: Field) -> [PolicyPort] {
    guard let name = field.string() else { return [] }
    if !Names.isPortName(name) { field.error("\(field.quoted(name)) is not a port's name") }
    return TransportProtocol.allCases.map { PolicyPort($0, .named(name)) }
}
