import PolicyModel

/// Rules that an earlier one leaves nothing to decide.
extension LintContext {
    func unreachable() -> [Finding] {
        let comparison = ScopeComparison(inventory.services)
        var findings: [Finding] = []
        for tier in ClusterNetworkPolicy.Tier.allCases {
            let placed = scopes(of: tier)
            let index = ScopeIndex(placed.map(\.scope))
            findings += report(placed, "is never asked") { place in
                index.first(covering: placed[place].scope) { other in
                    other < place && !placed[other].isOfSameRule(as: placed[place])
                        && comparison.covers(placed[other].scope, placed[place].scope)
                }.map { placed[$0] }
            }
        }
        // What tier Admin decides, unless a Pass before it lets some of it through.
        let decided = decidedByAdmin()
        let index = ScopeIndex(decided.map(\.placed.scope))
        let allowing = inventory.policies.flatMap { scopes[$0.reference] ?? [] }
        for later in [allowing, scopes(of: .baseline)] {
            findings += report(later, "decides nothing") { place in
                index.first(covering: later[place].scope) { other in
                    (decided[other].action == .deny || later[place].policy.kind != .networkPolicy)
                        && comparison.covers(decided[other].placed.scope, later[place].scope)
                }.map { decided[$0].placed }
            }
        }
        return findings
    }

    private func scopes(of tier: ClusterNetworkPolicy.Tier) -> [LocatedScope] {
        clusterPolicies.filter { $0.tier == tier }.flatMap { scopes[$0.reference] ?? [] }
    }

    private func decidedByAdmin() -> [(placed: LocatedScope, action: TierPolicyRule.Action)] {
        var decided: [(LocatedScope, TierPolicyRule.Action)] = []
        for policy in clusterPolicies where policy.tier == .admin {
            let actions = Dictionary(
                policy.rules.map { ($0.place, $0.action) }, uniquingKeysWith: { first, _ in first })
            for placed in scopes[policy.reference] ?? [] {
                let action = actions[placed.rule] ?? .deny
                if action == .pass { return decided }
                decided.append((placed, action))
            }
        }
        return decided
    }

    /// One finding for a rule all of whose peers an earlier rule decides, else one for each that is.
    private func report(
        _ placed: [LocatedScope], _ what: String, cover: (Int) -> LocatedScope?
    ) -> [Finding] {
        let covers = placed.indices.map(cover)
        return byRule(placed).flatMap { places -> [Finding] in
            let covered = places.compactMap { place in covers[place].map { (placed[place], $0) } }
            guard let (first, cover) = covered.first else { return [] }
            func finding(_ field: String, _ subject: String, _ cover: LocatedScope) -> Finding {
                let other = cover.policy == first.policy ? cover.field : "\(cover.policy), \(cover.field)"
                return Finding(
                    .warning, .ruleNeverMatches, first.policy, field: field,
                    "the \(subject) \(what): \(other) is asked first and covers all of it",
                    suggestion: cover.policy == first.policy
                        ? "put the more specific rule first, or remove it"
                        : "narrow the one that is asked first, or remove this one")
            }
            return covered.count == places.count
                ? [finding(first.ruleField, "rule", cover)]
                : covered.map { finding($0.field, "peer", $1) }
        }
    }
}
