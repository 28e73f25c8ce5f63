public import PolicyModel
import VerdictTables

/// What is to be said about the administrators' policies as they stand together.
extension PolicyCompiler {
    /// Policies that share tier and priority: the API leaves open which is asked
    /// first; here it is settled by kind and name.
    public var warnings: [Diagnostic] {
        cluster.tiers.equals.flatMap { policies in
            policies.dropFirst().map { policy in
                Diagnostic(
                    .warning, object: policy.reference.description, field: "spec.priority",
                    "\(policy.priority) is the priority of \(policies[0].reference) too, in tier \(policy.tier.rawValue): which of them is asked first is settled by kind and name; give each its own")
            }
        }
    }

    /// The administrators' policies, in the order in which they are asked.
    public var clusterPolicies: [ClusterNetworkPolicy] {
        ClusterNetworkPolicy.Tier.allCases.flatMap { cluster.tiers[$0] }
    }

    /// The pods that verdicts are wanted for and that the policy is about.
    public func subjects(of policy: ClusterNetworkPolicy) -> [NamespacedName] {
        subjects.keys.filter { key in cluster.pods[key].map { cluster.selects(policy, $0) } ?? false }.sorted()
    }

    /// The places of the policy's rules that no known pod and no known node matches;
    /// networks always count as something.
    public func rulesWithoutPeers(of policy: ClusterNetworkPolicy) -> [Int] {
        policy.rules.filter { rule in
            rule.peers.map { !$0.contains(where: matchesSomething) } ?? false
        }.map(\.index)
    }

    private func matchesSomething(_ peer: ClusterPeer) -> Bool {
        switch peer {
        case .network: true
        case .nodes(let selector): cluster.nodes.values.contains { selector.matches($0.labels) }
        case .pods(let selection):
            space.groups.candidates(namespaces: .matching(selection.namespaces), pods: selection.pods)
                .contains { id in
                    guard let group = PodGroup(space.peership(id)) else { return false }
                    return selection.pods.matches(group.labels)
                        && selection.namespaces.matches(cluster.labels(ofNamespace: group.namespace))
                }
        }
    }
}
