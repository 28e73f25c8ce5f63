import PolicyCompiler
import PolicyModel
import VerdictTables

/// Rules for domain names that open nothing.
extension LintContext {
    mutating func nameOpensNothing() -> [Finding] {
        ClusterNetworkPolicy.Tier.allCases.flatMap { hiddenNames(in: $0) } + namesOfOpenPods()
    }

    /// Networks that are asked first may leave no address to a name.
    private func hiddenNames(in tier: ClusterNetworkPolicy.Tier) -> [Finding] {
        let placed = clusterPolicies.filter { $0.tier == tier }.flatMap { scopes[$0.reference] ?? [] }
        return placed.indices.compactMap { place -> Finding? in
            guard case .domains(let names, _) = placed[place].scope.destination else { return nil }
            let earlier = placed[..<place].filter { other in
                !other.isOfSameRule(as: placed[place]) && placed[place].scope.subject.implies(other.scope.subject)
                    && ports(placed[place].scope.ports, areAmong: other.scope.ports)
            }
            guard let ipv4 = earlier.first(where: { $0.holdsAll(ipv4: true) }) else { return nil }
            let ipv6 = earlier.first { $0.holdsAll(ipv4: false) }
            return Finding(
                .warning, .nameOpensNothing, placed[place].policy, field: placed[place].field,
                "\(names.text) \(names.count == 1 ? "opens" : "open") nothing\(ipv6 == nil ? " at IPv4 addresses" : ""): \(ipv4.text) is asked first and decides all of them",
                suggestion: "put the names before it")
        }
    }

    /// An Accept keeps nobody from anything by itself.
    private mutating func namesOfOpenPods() -> [Finding] {
        clusterPolicies.flatMap { policy -> [Finding] in
            let named = (scopes[policy.reference] ?? []).filter {
                if case .domains = $0.scope.destination { true } else { false }
            }
            guard !named.isEmpty else { return [] }
            let kinds = selections.kinds(policy.subject).filter { !inventory.kinds[$0].key.hostNetwork }
            let open = kinds.filter { kind in named.allSatisfy { mayAnyway(sets[kind], $0.scope.ports) } }
            guard !open.isEmpty else { return [] }
            return [
                Finding(
                    .warning, .nameOpensNothing, policy.reference, field: "spec.egress",
                    "the domain names open nothing to \(open.map { inventory.kinds[$0] }.text): nothing keeps them from other addresses on these ports",
                    suggestion:
                        "deny networks 0.0.0.0/0 and ::/0 in a rule after the names, but for what else is needed")
            ]
        }
    }

    /// Whether an address that no rule names may be reached on all these ports.
    private mutating func mayAnyway(_ set: PolicySetID, _ ports: [PolicyPort]?) -> Bool {
        (ports ?? [PolicyPort(.tcp, .any)]).allSatisfy { port in
            let number: UInt16 = if case .range(let range) = port.number { range.lowerBound } else { 443 }
            return review.judge(set, to: Self.somewhere, protocol: port.protocol, port: number).action.allows
        }
    }

    /// 192.0.2.0/24 is nobody's (RFC 5737).
    private static let somewhere = IPAddress(ipv4: 0xc000_0201)
}

extension LocatedScope {
    fileprivate func holdsAll(ipv4: Bool) -> Bool {
        switch scope.destination {
        case .everything: true
        case .block(let block):
            block.except.isEmpty && block.prefix.isIPv4 == ipv4 && block.prefix.length == (ipv4 ? 96 : 0)
        case .pods, .nodes, .domains: false
        }
    }
}

extension [DomainPattern] {
    /// Names as reports have them: the first ones.
    fileprivate var text: String {
        prefix(3).map(\.description).joined(separator: ", ") + (count > 3 ? " and \(count - 3) more" : "")
    }
}
