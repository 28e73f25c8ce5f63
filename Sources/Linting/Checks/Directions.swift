import PolicyModel

/// Egress rules that their own policy keeps from being applied.
extension LintContext {
    func egressNotApplied() -> [Finding] {
        inventory.policies.filter { !$0.isolates.contains(.egress) && !$0.rules.isEmpty }.map { policy in
            let count = policy.rules.count
            return Finding(
                .warning, .egressNotApplied, policy.reference, field: "spec.policyTypes",
                "does not hold Egress, so that \(count == 1 ? "the egress rule is" : "all \(count) egress rules are") "
                    + "ignored: the policy keeps its pods from nothing that they send",
                suggestion: "write policyTypes: [Ingress, Egress], or remove spec.egress")
        }
    }
}
