import PolicyModel

/// Port names that none of a rule's peers has.
extension LintContext {
    mutating func namedPortUnknown() -> [Finding] {
        var findings: [Finding] = []
        for policy in inventory.policies {
            for rule in policy.rules {
                let named = (rule.ports ?? []).enumerated().filter { $0.element.name != nil }
                guard !named.isEmpty else { continue }
                let peers = pods(of: rule, policy)
                for (place, port) in named where !peers.isEmpty {
                    findings += finding(
                        policy.reference, "\(rule.place.fieldPath).ports[\(place)]", port.name ?? "",
                        [port.protocol], peers)
                }
            }
        }
        for policy in clusterPolicies {
            for rule in policy.rules {
                // A name there stands for every protocol.
                let names = Set((rule.ports ?? []).compactMap(\.name)).sorted()
                guard !names.isEmpty else { continue }
                let peers = pods(of: rule)
                let field = policy.kind == .clusterNetworkPolicy ? "protocols" : "ports"
                for name in names where !peers.isEmpty {
                    findings += finding(
                        policy.reference, "\(rule.place.fieldPath).\(field)", name,
                        TransportProtocol.allCases, peers)
                }
            }
        }
        return findings
    }

    /// The pods on which names are looked up; for a block that may be any.
    private mutating func pods(of rule: PolicyRule, _ policy: NetworkPolicy) -> [PodKind] {
        guard let peers = rule.peers else { return pods(PodSelection()) }
        let chosen = peers.compactMap { $0.selection(of: policy) }
        return chosen.count < peers.count ? pods(PodSelection()) : chosen.flatMap { pods($0) }
    }

    private mutating func pods(of rule: TierPolicyRule) -> [PodKind] {
        (rule.peers ?? []).flatMap { peer -> [PodKind] in
            if case .pods(let selection) = peer { pods(selection) } else { [] }
        }
    }

    private func finding(
        _ policy: ObjectReference, _ field: String, _ name: String, _ protocols: [TransportProtocol],
        _ peers: [PodKind]
    ) -> [Finding] {
        let ports = peers.reduce(into: Set<NamedPort>()) { $0.formUnion($1.ports) }
        guard !ports.contains(where: { $0.name == name && protocols.contains($0.protocol) }) else { return [] }
        let wanted = protocols.count == 1 ? "\(protocols[0].name) port" : "port"
        let others = ports.filter { $0.name == name }.sorted()
        let suggestion =
            if let other = others.first {
                "\(name) is there with another protocol: write protocol: \(other.protocol.name)"
            } else if ports.isEmpty {
                "none of them names a port: write its number, or name it in the pods' containers"
            } else {
                "they have "
                    + ports.sorted().prefix(5).map { "\($0.name) (\($0.protocol.name) \($0.number))" }
                    .joined(separator: ", ") + (ports.count > 5 ? " and \(ports.count - 5) more" : "")
            }
        return [
            Finding(
                .warning, .namedPortUnknown, policy, field: field,
                "no \(wanted) is named \(name) on the pods that the rule means: \(peers.text)",
                suggestion: suggestion)
        ]
    }
}

extension PolicyPort {
    fileprivate var name: String? { if case .named(let name) = number { name } else { nil } }
}
