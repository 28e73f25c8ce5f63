import PolicyModel
import VerdictTables

/// What a policy set says about an address class: its claims, in the order of
/// docs/architecture.md, "Tiers and guards". Everything about a destination is decided here.
struct Evaluation {
    let set: CompiledSet
    let cluster: ClusterState
    let guards: GuardIndex
    /// Notes a cause and gives its identifier.
    let cause: (Cause) -> CauseID

    func claims(about destination: Destination) -> [RuleOutcome] {
        let identity = destination.identity
        var claims = destination.frontends.compactMap { claim(about: $0, identity) }
        claims += set.admin.flatMap { ruleClaims($0, .admin, identity) }
        claims += guards.claims(about: identity.peerships, exempt: set.key.exempt)
        if identity.peerships.contains(.ownNode) {
            claims.append(RuleOutcome(.ownNode, .everything, .decide(Decision(.allow, cause(.ownNode)))))
        }
        claims += set.rules.flatMap { ruleClaims($0, .networkPolicy, identity) }
        if !set.key.isolated {
            claims += set.baseline.flatMap { ruleClaims($0, .baseline, identity) }
        }
        return claims + [RuleOutcome(.end, .everything, .decide(set.last))]
    }

    // MARK: Rules

    private func ruleClaims(_ rule: CompiledRule, _ step: EvaluationStage, _ identity: Identity) -> [RuleOutcome] {
        guard let pods = podsNamed(by: rule, identity.members, identity.groups) else { return [] }
        return rule.patterns(on: pods).map { RuleOutcome(step, $0, rule.outcome, namesBefore: rule.namesBefore) }
    }

    /// The pods at the address on which a rule's port names are looked up; nil if
    /// the rule is not about the address at all.
    func podsNamed(
        by rule: CompiledRule, _ members: [PeershipID], _ groups: [PodGroup]
    ) -> [PodGroup]? {
        guard let peers = rule.peers else { return groups }
        if members.contains(where: peers.named.contains) { return groups }
        let matched = peers.selecting.flatMap { peer in
            groups.filter { peer.matches($0.namespace, $0.labels, cluster) }
        }
        return matched.isEmpty ? nil : matched
    }
}

extension CompiledRule {
    /// The ports that it covers.
    ///
    /// - Parameter groups: the pods at the destination, on which port names are looked up.
    func patterns(on groups: [PodGroup]) -> [PortPattern] {
        guard let ports else { return [.everything] }
        return ports.flatMap { port -> [PortPattern] in
            switch port.number {
            case .any: [.ports(port.protocol, 0...UInt16.max)]
            case .range(let range): [.ports(port.protocol, range)]
            case .named(let name):
                groups.flatMap(\.ports)
                    .filter { $0.name == name && $0.protocol == port.protocol }
                    .map { .ports(port.protocol, $0.number...$0.number) }
            }
        }
    }
}
