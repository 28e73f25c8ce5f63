import PolicyModel
import VerdictTables

/// What a policy set says about an address class: the outcomes of its rules, in the order of
/// docs/design/data-walk.md, "Tiers and guards". Everything about a remote end is decided here.
struct Evaluation {
    let set: CompiledSet
    let cluster: ClusterState
    let guards: GuardIndex
    /// Interns a cause.
    /// - Returns: its identifier.
    let cause: (Cause) -> CauseID

    func outcomes(about remote: RemoteEnd) -> [RuleOutcome] {
        let identity = remote.identity
        let isEgress = set.key.direction == .egress
        // A service's address and a guard are destinations; no flow comes from them.
        var outcomes = isEgress ? remote.frontends.compactMap { outcome(about: $0, identity) } : []
        outcomes += set.admin.flatMap { ruleOutcomes($0, .admin, identity) }
        if isEgress { outcomes += guards.outcomes(about: identity.peers, exempt: set.key.exempt) }
        if identity.peers.contains(.ownNode) {
            outcomes.append(RuleOutcome(.ownNode, .everything, .decide(Decision(.allow, cause(.ownNode)))))
        }
        outcomes += set.rules.flatMap { ruleOutcomes($0, .networkPolicy, identity) }
        if !set.key.isolated {
            outcomes += set.baseline.flatMap { ruleOutcomes($0, .baseline, identity) }
        }
        return outcomes + [RuleOutcome(.end, .everything, .decide(set.last))]
    }

    // MARK: Rules

    private func ruleOutcomes(_ rule: CompiledRule, _ stage: EvaluationStage, _ identity: Identity) -> [RuleOutcome] {
        guard let pods = podsNamed(by: rule, identity.members, identity.groups) else { return [] }
        return patterns(of: rule, on: pods).map { RuleOutcome(stage, $0, rule.outcome, namesBefore: rule.namesBefore) }
    }

    /// The ports that a rule covers. Port names are resolved on the destination: for egress
    /// the pods at the remote end, for ingress the selected pod itself.
    func patterns(of rule: CompiledRule, on pods: [PodGroup]) -> [PortPattern] {
        rule.patterns(
            on: set.key.direction == .egress ? pods.flatMap(\.ports) : set.key.subjectPorts)
    }

    /// The pods at the address on which a rule's port names are looked up; nil if
    /// the rule is not about the address at all.
    func podsNamed(
        by rule: CompiledRule, _ members: [PeerID], _ groups: [PodGroup]
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
    /// - Parameter named: the named ports of the destination.
    func patterns(on named: [NamedPort]) -> [PortPattern] {
        guard let ports else { return [.everything] }
        return ports.flatMap { port -> [PortPattern] in
            switch port.number {
            case .any: [.ports(port.protocol, 0...UInt16.max)]
            case .range(let range): [.ports(port.protocol, range)]
            case .named:
                named.filter(port.names).map { .ports(port.protocol, $0.number...$0.number) }
            }
        }
    }
}
