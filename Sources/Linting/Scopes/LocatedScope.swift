import PolicyModel

/// A peer of a rule, and where it stands; a rule without peers is one entry.
struct LocatedScope {
    var scope: Scope
    var policy: ObjectReference
    var rule: RulePlace
    /// The peer's place; nil where the rule has none.
    var peer: Int?
    /// The rule's and the peer's fields.
    var ruleField: String { rule.fieldPath }
    var field: String

    /// As another object's finding names it.
    var text: String { "\(policy), \(ruleField)" }

    func isOfSameRule(as other: LocatedScope) -> Bool { policy == other.policy && rule == other.rule }
}

extension LocatedScope {
    /// - Parameter peer: the peer's place and field; nil for a rule without peers.
    fileprivate init(
        _ subject: PodSelection, _ destination: Scope.Destination, _ ports: [PolicyPort]?,
        of policy: ObjectReference, rule: RulePlace, peer: (place: Int, field: String)? = nil
    ) {
        self.init(
            scope: Scope(subject: subject, destination: destination, ports: ports), policy: policy,
            rule: rule, peer: peer?.place, field: peer?.field ?? rule.fieldPath)
    }
}

extension NetworkPolicy {
    var scopes: [LocatedScope] {
        rules.flatMap { rule -> [LocatedScope] in
            func placed(_ destination: Scope.Destination, _ place: Int?) -> LocatedScope {
                LocatedScope(
                    subject, destination, rule.ports, of: reference, rule: rule.place,
                    peer: place.map { ($0, "\(rule.place.peersPath)[\($0)]") })
            }
            guard let peers = rule.peers else { return [placed(.everything, nil)] }
            return peers.enumerated().map { place, peer in
                switch peer {
                case .block(let block): placed(.block(block), place)
                case .pods: placed(.pods(peer.selection(of: self) ?? PodSelection()), place)
                }
            }
        }
    }
}

extension ClusterNetworkPolicy {
    var scopes: [LocatedScope] {
        rules.flatMap { rule -> [LocatedScope] in
            func placed(_ destination: Scope.Destination, _ place: Int?) -> LocatedScope {
                LocatedScope(
                    subject, destination, rule.ports, of: reference, rule: rule.place,
                    peer: place.map { ($0, rule.field(ofPeer: $0)) })
            }
            guard let peers = rule.peers else { return [placed(.everything, nil)] }
            return peers.enumerated().map { place, peer in
                switch peer {
                case .pods(let selection): placed(.pods(selection), place)
                case .nodes(let selector): placed(.nodes(selector), place)
                case .network(let prefix): placed(.block(IPBlock(prefix)), place)
                case .domains(let patterns): placed(.domains(patterns, privateAnswers: allowsPrivateAnswers), place)
                }
            }
        }
    }
}

extension TierPolicyRule {
    /// Of `to`, as far as it can be told: one entry may hold several networks.
    func field(ofPeer entry: Int) -> String {
        let isExact = !(peers ?? []).prefix(entry).contains { if case .network = $0 { true } else { false } }
        return place.peersPath + (isExact ? "[\(entry)]" : "")
    }
}
