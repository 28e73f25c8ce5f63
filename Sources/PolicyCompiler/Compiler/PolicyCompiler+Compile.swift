import PolicyModel
import VerdictTables

/// From policies to rules that are ready to be asked about an address class.
extension PolicyCompiler {
    mutating func compile(_ key: PolicySetKey) -> CompiledSet {
        let last =
            key.isolated
            ? Decision(.deny, causes.intern(.isolated(by: key.policies.map(\.key))))
            : Decision(.allow, causes.intern(.notIsolated))
        var set = CompiledSet(key: key, last: last)
        for policy in key.policies {
            for rule in policy.rules { set.rules.append(compile(rule, of: policy, &set.blocks)) }
        }
        for policy in key.admin {
            for rule in policy.rules {
                let rule = compile(rule, of: policy, &set)
                for list in rule.countedLists { set.nameUses[list, default: []].append(set.admin.count) }
                set.admin.append(rule)
            }
        }
        for policy in key.baseline {
            for rule in policy.rules { set.baseline.append(compile(rule, of: policy, &set)) }
        }
        set.index()
        return set
    }

    private mutating func compile(
        _ rule: PolicyRule, of policy: NetworkPolicy, _ blocks: inout [IPBlock]
    ) -> CompiledRule {
        let peers = rule.peers?.map { peer -> CompiledRule.CompiledPeer in
            switch peer {
            case .block(let block):
                blocks.append(block)
                return .block(addressTable.id(of: block.identity), block)
            case .pods(.own, let pods):
                return .pods(namespace: policy.key.namespace, selector: LabelSelector(), pods: pods)
            case .pods(.matching(let selector), let pods):
                return .pods(namespace: nil, selector: selector, pods: pods)
            }
        }
        return CompiledRule(
            policy: ObjectReference(.networkPolicy, policy.key), index: rule.index, action: .accept,
            cause: causes.intern(.rule(policy: policy.key, rule: rule.index)), peers: peers.map(CompiledPeers.init),
            ports: rule.ports)
    }

    private mutating func compile(
        _ rule: TierPolicyRule, of policy: ClusterNetworkPolicy, _ set: inout CompiledSet
    ) -> CompiledRule {
        let peers = rule.peers?.map { peer -> CompiledRule.CompiledPeer in
            switch peer {
            case .pods(let selection):
                return .pods(namespace: nil, selector: selection.namespaces, pods: selection.pods)
            case .nodes(let selector):
                set.nodeSelectors.append(selector)
                return .nodes(addressTable.id(of: .nodes(selector)))
            case .network(let prefix):
                let block = IPBlock(prefix)
                set.blocks.append(block)
                return .block(addressTable.id(of: block.identity), block)
            case .domains(let patterns):
                set.domains.append(patterns)
                return .domains(domainNames.id(of: patterns))
            }
        }
        let namesBefore = policy.tier == .admin ? set.dnsRuleCount.admin : 0
        // One that finds no number opens nothing; see `findings`. Names are for tier Admin alone.
        let hasPlace = rule.hasNames && policy.tier == .admin && namesBefore < Precedence.last
        if hasPlace { set.dnsRuleCount.admin += 1 }
        let tierRule = TierRule(
            tier: policy.tier, policy: policy.reference, rule: rule.index, name: rule.name, action: rule.action)
        return CompiledRule(
            policy: policy.reference, index: rule.index, action: rule.action, cause: causes.intern(.tier(tierRule)),
            tierRule: tierRule, peers: peers.map(CompiledPeers.init), ports: rule.ports, namesBefore: namesBefore,
            namePlace: hasPlace ? namesBefore + 1 : nil, allowsPrivateAnswers: policy.allowsPrivateAnswers,
            nameGrace: policy.nameGrace ?? Precedence.defaultGrace)
    }
}
