import PolicyModel

/// Rules that allow nothing which another rule does not allow as well.
extension LintContext {
    func ruleRedundant() -> [Finding] {
        rulesCovered() + namesCovered()
    }

    /// Names that a wildcard of the same rule means already.
    private func namesCovered() -> [Finding] {
        clusterPolicies.flatMap { policy in
            policy.rules.flatMap { rule -> [Finding] in
                let names = (rule.peers ?? []).flatMap { peer -> [DomainPattern] in
                    if case .domains(let patterns) = peer { patterns } else { [] }
                }
                return names.compactMap { name in
                    guard let wider = names.first(where: { $0 != name && $0.covers(name) }) else { return nil }
                    return Finding(
                        .info, .ruleRedundant, policy.reference, field: rule.place.peersPath,
                        "\(wider) means \(name) too", suggestion: "remove \(name)")
                }
            }
        }
    }

    private func rulesCovered() -> [Finding] {
        let placed = inventory.policies.flatMap { scopes[$0.reference] ?? [] }
        let comparison = ScopeComparison(inventory.services)
        let index = ScopeIndex(placed.map(\.scope))
        let covers = placed.indices.map { place in
            // Of two that say the same, the first stays.
            index.first(covering: placed[place].scope) { other in
                other != place && comparison.covers(placed[other].scope, placed[place].scope)
                    && (other < place || !comparison.covers(placed[place].scope, placed[other].scope))
            }
        }
        return byRule(placed).flatMap { places -> [Finding] in
            let covered = places.compactMap { place in covers[place].map { (placed[place], placed[$0]) } }
            guard let (first, cover) = covered.first else { return [] }
            // A peer beside another one of its own rule says less of the rule.
            if covered.count == places.count, !covered.contains(where: { $1.isOfSameRule(as: first) }) {
                return [finding(first.policy, first.ruleField, "the rule allows nothing", cover)]
            }
            return covered.map { finding($0.policy, $0.field, "the peer allows nothing", $1) }
        }
    }

    /// Places in a row that belong to one rule.
    func byRule(_ placed: [LocatedScope]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        for place in placed.indices
        where place + 1 == placed.count || !placed[place].isOfSameRule(as: placed[place + 1]) {
            ranges.append(start..<place + 1)
            start = place + 1
        }
        return ranges
    }

    private func finding(
        _ policy: ObjectReference, _ field: String, _ what: String, _ cover: LocatedScope
    ) -> Finding {
        let isEverything = if case .everything = cover.scope.destination { cover.scope.ports == nil } else { false }
        let isOwn = cover.policy == policy
        let other = isOwn ? cover.field : "\(cover.policy), \(cover.field)"
        return Finding(
            isOwn || isEverything ? .warning : .info, .ruleRedundant, policy, field: field,
            "\(what) that \(other) does not allow too"
                + (isEverything ? ", which allows everything" : "")
                + (isOwn ? "" : " for the same pods"),
            suggestion: isEverything
                ? "remove the rule that allows everything, or else this one" : "remove it, or narrow the other one")
    }
}
