import PolicyModel

extension StableHash {
    /// Everything about a policy that decides a verdict.
    mutating func add(_ policy: NetworkPolicy) {
        add(policy.key.namespace)
        add(policy.key.name)
        for direction in Direction.allCases { add(policy.isolates.contains(direction) ? 1 : 0) }
        add(policy.podSelector)
        add(UInt64(policy.rules.count))
        for rule in policy.rules { add(rule) }
    }

    /// Everything about an administrators' policy that decides a verdict or is
    /// reported with it.
    mutating func add(_ policy: ClusterNetworkPolicy) {
        add(policy.reference.description)
        add(policy.tier.rawValue)
        add(UInt64(policy.priority))
        add(policy.subject)
        add(policy.allowsPrivateAnswers ? 1 : 0)
        add(UInt64(policy.nameGrace.map { Int($0) + 1 } ?? 0))
        add(UInt64(policy.rules.count))
        for rule in policy.rules { add(rule) }
    }

    private mutating func add(_ selection: PodSelection) {
        add(selection.namespaces)
        add(selection.pods)
    }

    private mutating func add(_ rule: TierPolicyRule) {
        add(rule.place.direction.rawValue)
        add(UInt64(rule.index))
        add(rule.name)
        add(rule.action.rawValue)
        add(UInt64(rule.peers.map { $0.count + 1 } ?? 0))
        for peer in rule.peers ?? [] {
            switch peer {
            case .pods(let selection):
                add("pods")
                add(selection)
            case .nodes(let selector):
                add("nodes")
                add(selector)
            case .network(let prefix):
                add("network")
                add(prefix)
            case .domains(let patterns):
                add("domains")
                add(UInt64(patterns.count))
                for pattern in patterns { add(pattern.description) }
            }
        }
        add(rule.ports)
    }

    private mutating func add(_ rule: PolicyRule) {
        add(rule.place.direction.rawValue)
        add(UInt64(rule.index))
        add(UInt64(rule.peers.map { $0.count + 1 } ?? 0))
        for peer in rule.peers ?? [] {
            switch peer {
            case .pods(.own, let pods):
                add("own")
                add(pods)
            case .pods(.matching(let namespaces), let pods):
                add("matching")
                add(namespaces)
                add(pods)
            case .block(let block):
                add("block")
                add(block.prefix)
                add(UInt64(block.except.count))
                for hole in block.except { add(hole) }
            }
        }
        add(rule.ports)
    }

    private mutating func add(_ prefix: Prefix) {
        add(prefix.address.high)
        add(prefix.address.low)
        add(UInt64(prefix.length))
    }

    private mutating func add(_ ports: [PolicyPort]?) {
        add(UInt64(ports.map { $0.count + 1 } ?? 0))
        for port in ports ?? [] {
            add(UInt64(port.protocol.rawValue))
            switch port.number {
            case .any: add("any")
            case .range(let range): add(UInt64(range.lowerBound) << 16 | UInt64(range.upperBound))
            case .named(let name): add(name)
            }
        }
    }

    mutating func add(_ selector: LabelSelector) {
        add(UInt64(selector.requirements.count))
        for requirement in selector.requirements {
            add(requirement.key)
            add(requirement.operator.rawValue)
            add(UInt64(requirement.values.count))
            for value in requirement.values { add(value) }
        }
    }
}
