import PolicyCompiler
import PolicyModel

/// Whom policies select.
extension LintContext {
    mutating func selectsNothing() -> [Finding] {
        var findings: [Finding] = []
        for policy in inventory.policies where selections.kinds(policy.subject).isEmpty {
            let message =
                policy.podSelector.contradiction.map { "no pod can have both: \($0)" }
                ?? "selects no pod: none in namespace \(policy.key.namespace) matches "
                + (policy.podSelector.requirements.isEmpty ? "the empty selector" : "\(policy.podSelector)")
            findings.append(
                Finding(
                    .warning, .selectsNothing, policy.reference, field: "spec.podSelector", message,
                    suggestion: suggestion(policy)))
        }
        for policy in clusterPolicies where !policy.rules.isEmpty && selections.kinds(policy.subject).isEmpty {
            findings.append(
                Finding(
                    .warning, .selectsNothing, policy.reference, field: "spec.subject",
                    "is about no pod: there are no \(policy.subject.text)",
                    suggestion: "compare the subject with the labels of namespaces and pods"))
        }
        return findings
    }

    /// The labels that pods do have are the best hint at a misspelling.
    private func suggestion(_ policy: NetworkPolicy) -> String {
        let there = inventory.kinds.filter { $0.key.namespace == policy.key.namespace }
        guard !there.isEmpty else { return "the namespace has no pods; delete the policy if it is to have none" }
        for requirement in policy.podSelector.requirements {
            let values = Set(there.compactMap { $0.key.labels[requirement.key] }).sorted()
            if values.isEmpty { return "no pod of the namespace has the label \(requirement.key)" }
            if !there.contains(where: { requirement.matches($0.key.labels) }) {
                return "\(requirement.key) is there as \(values.prefix(5).joined(separator: ", "))"
                    + (values.count > 5 ? " and \(values.count - 5) more" : "")
            }
        }
        return "each label is there, but no pod has them all"
    }

    mutating func hostNetworkSelected() -> [Finding] {
        var findings: [Finding] = []
        for policy in inventory.policies where policy.isolates.contains(.egress) {
            let all = selections.kinds(policy.subject).map { inventory.kinds[$0] }
            let host = all.filter(\.key.hostNetwork)
            guard !host.isEmpty else { continue }
            let isWhole = host.count == all.count
            findings.append(
                Finding(
                    isWhole ? .warning : .info, .hostNetworkSelected, policy.reference, field: "spec.podSelector",
                    "\(isWhole ? "selects only pods" : "also selects pods") on the host's network, to which no "
                        + "NetworkPolicy applies: \(host.text)",
                    suggestion: "only guards apply to them; take them off the host's network if they can do without"))
        }
        return findings
    }

    func equalPriority() -> [Finding] {
        review.warnings.map { Finding(.warning, .equalPriority, $0.reference, field: $0.field, $0.message) }
    }

    func auditNamespace() -> [Finding] {
        let policies = Dictionary(
            grouping: inventory.policies.filter { $0.isolates.contains(.egress) }, by: \.key.namespace)
        return inventory.namespaces.keys.filter(isInAudit).map { name in
            let count = policies[name]?.count ?? 0
            return Finding(
                .info, .auditNamespace, ObjectReference(.namespace, "", name),
                field: "metadata.labels[sluice.dev/enforcement]",
                "is in audit mode: what policy would deny passes and is reported"
                    + (count > 0 ? "; \(count) NetworkPolicies isolate pods in it" : ""),
                suggestion: "remove the label once the reports name nothing that should pass")
        }
    }
}
