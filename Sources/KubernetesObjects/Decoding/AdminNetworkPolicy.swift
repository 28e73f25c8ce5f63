import PolicyModel

/// A policy.networking.k8s.io/v1alpha1 `AdminNetworkPolicy`: what later became tier
/// Admin of ClusterNetworkPolicy. Its last form is read (network-policy-api v0.1);
/// peers and ports of earlier forms are not understood and fail closed.
func adminNetworkPolicy(_ root: Field, _ metadata: Metadata) -> ClusterNetworkPolicy {
    let errors = root.problems.errorCount
    let spec = root["spec"]
    if spec.isAbsent { spec.error("is missing; the policy has no effect") }
    let priority = priority(spec["priority"], of: spec) ?? ClusterNetworkPolicy.priorities.lowerBound
    let subject = policySubject(spec["subject"], of: spec) ?? PodSelection()
    let reader = ClusterRuleReader(
        actions: ["Allow": .accept, "Deny": .deny, "Pass": .pass], portsField: "ports", limit: 100,
        isPlaced: spec.problems.errorCount == errors, takesNames: true, readPorts: adminPorts)
    return ClusterNetworkPolicy(
        kind: .adminNetworkPolicy, name: metadata.key.name, tier: .admin, priority: priority,
        subject: subject, rules: reader.rules(spec),
        allowsPrivateAnswers: allowsPrivateAnswers(metadata), nameGrace: nameGrace(metadata))
}

/// A policy.networking.k8s.io/v1alpha1 `BaselineAdminNetworkPolicy`: one for the
/// cluster, named `default`, in tier Baseline.
func baselineAdminNetworkPolicy(_ root: Field, _ metadata: Metadata) -> ClusterNetworkPolicy {
    let errors = root.problems.errorCount
    let spec = root["spec"]
    if spec.isAbsent { spec.error("is missing; the policy has no effect") }
    if metadata.key.name != "default" {
        root["metadata"]["name"].warning("the API server takes no name but \"default\"")
    }
    let subject = policySubject(spec["subject"], of: spec) ?? PodSelection()
    let reader = ClusterRuleReader(
        actions: ["Allow": .accept, "Deny": .deny], portsField: "ports", limit: 100,
        isPlaced: spec.problems.errorCount == errors, takesNames: false, readPorts: adminPorts)
    return ClusterNetworkPolicy(
        kind: .baselineAdminNetworkPolicy, name: metadata.key.name, tier: .baseline,
        priority: ClusterNetworkPolicy.priorities.upperBound, subject: subject,
        rules: reader.rules(spec))
}

/// One entry of `ports` (`AdminNetworkPolicyPort`): exactly one of its fields.
private func adminPorts(_ field: Field) -> [PolicyPort] {
    let name = field.onlyField(among: ["portNumber", "portRange", "namedPort"], as: "a port")
    if name == "namedPort" { return portsNamed(field["namedPort"]) }
    guard let name, field[name].object() != nil else { return [] }
    let port = field[name]
    port.refuseUnknown(otherThan: name == "portRange" ? ["protocol", "start", "end"] : ["protocol", "port"])
    guard let `protocol` = port["protocol"].transportProtocol() else { return [] }
    if name == "portRange" { return portRange(port).map { [PolicyPort(`protocol`, .range($0))] } ?? [] }
    if port["port"].isAbsent { port["port"].error("is missing") }
    return port["port"].port().map { [PolicyPort(`protocol`, .range($0...$0))] } ?? []
}
