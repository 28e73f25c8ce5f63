public import PolicyModel

/// Questions about peers that the index of addresses answers without a walk through all pods.
extension PolicyCompiler {
    /// The pods at an address, as selectors see them: mostly one group, none where no pod has the address.
    public func pods(at address: IPAddress) -> [(namespace: String, labels: Labels, ports: [NamedPort])] {
        addressTable.members(at: address).compactMap { id in
            PodGroup(addressTable.identity(id)).map { ($0.namespace, $0.labels, $0.ports) }
        }
    }

    /// The places of the policy's rules that no known pod and no known node matches;
    /// networks and domain names always count as something.
    public func rulesWithoutPeers(of policy: ClusterNetworkPolicy) -> [Int] {
        policy.rules.filter { rule in
            rule.peers.map { !$0.contains(where: matchesSomething) } ?? false
        }.map(\.index)
    }

    /// The same of a NetworkPolicy's rules; blocks always count as something.
    public func rulesWithoutPeers(of policy: NetworkPolicy) -> [Int] {
        policy.rules.filter { rule in
            rule.peers.map { peers in
                !peers.contains { peer in
                    switch peer {
                    case .block: true
                    case .pods(.own, let pods): matchesSomething(.named(policy.key.namespace), pods)
                    case .pods(.matching(let namespaces), let pods): matchesSomething(.matching(namespaces), pods)
                    }
                }
            } ?? false
        }.map(\.index)
    }

    private func matchesSomething(_ peer: ClusterPeer) -> Bool {
        switch peer {
        case .network, .domains: true
        case .nodes(let selector): cluster.nodes.values.contains { selector.matches($0.labels) }
        case .pods(let selection): matchesSomething(.matching(selection.namespaces), selection.pods)
        }
    }

    private func matchesSomething(_ namespaces: NamespaceChoice, _ pods: LabelSelector) -> Bool {
        addressTable.groups.candidates(namespaces: namespaces, pods: pods).contains { id in
            guard let group = PodGroup(addressTable.identity(id)), pods.matches(group.labels) else { return false }
            return switch namespaces {
            case .named(let name): group.namespace == name
            case .matching(let selector): selector.matches(cluster.labels(ofNamespace: group.namespace))
            }
        }
    }
}
