import PolicyCompiler
import PolicyModel

/// Blocks of NetworkPolicies that lie in what a guard keeps shut.
extension LintContext {
    mutating func guarded(_ block: IPBlock, _ rule: PolicyRule, _ policy: NetworkPolicy) -> NoMatchReason? {
        guard let found = options.guards.first(where: { $0.mode == .enforce && guards($0, block.prefix) })
        else { return nil }
        let exempt = selections.kinds(policy.subject).contains {
            review.exemptions(of: sets[$0]).contains(found.kind)
        }
        guard !exempt, let left = found.leaves(rule.ports) else { return nil }
        return NoMatchReason(
            severity: left.isEmpty ? .warning : .info,
            reason: "\(block.prefix) is guarded (\(found.name)), and no NetworkPolicy opens a guard\(left)",
            suggestion: "accept it in a ClusterNetworkPolicy of tier Admin for the pods that need it, "
                + "and remove this peer")
    }

    private func guards(_ guarded: Guard, _ prefix: Prefix) -> Bool {
        guarded.prefixes.contains { $0.contains(prefix) }
            || guarded.kind == .nodePorts && prefix.length == 128
                && inventory.nodes.contains { $0.addresses.contains(prefix.address) }
    }
}

extension Guard {
    /// What a rule for these ports still opens, as an addition to a sentence; nil if
    /// that is more than a remark.
    fileprivate func leaves(_ rulePorts: [PolicyPort]?) -> String? {
        switch self.ports {
        case .all: return ""
        case .allExcept(let open):
            guard let rulePorts else {
                return "; the rule opens port \(open.map { "\($0)" }.joined(separator: ", ")) alone"
            }
            let reachesOpen = rulePorts.contains { port in
                switch port.number {
                case .any, .named: port.protocol != .sctp
                case .range(let range): port.protocol != .sctp && open.contains(where: range.contains)
                }
            }
            return reachesOpen ? nil : ""
        case .tcp(let ranges):
            let guarded = ranges.map { PolicyPort(.tcp, .range($0)) }
            return Linting.ports(rulePorts, areAmong: guarded) ? "" : nil
        }
    }
}
