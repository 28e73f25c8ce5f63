public import PolicyModel
import VerdictTables

/// What is to be said about policies as they stand together and among the objects.
extension PolicyCompiler {
    /// What is to be said of policies as they stand together, and of objects that ask for too much.
    public var warnings: [Diagnostic] { equalPriorities + namesWithoutPlace + excessive }

    /// Policies with more rules for domain names than one pod's policies can have. A
    /// name's place has 16 bits (struct sluice_precedence).
    private var namesWithoutPlace: [Diagnostic] {
        let places = Int(Precedence.last)
        let crowded = Set(
            compiled.values.flatMap { set -> [ObjectReference] in
                set.names.admin < places ? [] : set.key.admin.withoutPlaces(places)
            })
        return crowded.sorted().map { policy in
            Diagnostic(
                .error, object: policy.description, reference: policy, field: "spec.egress",
                "has a rule for domain names after the first \(places) of the tier that are about one pod; it matches nothing: put more names into fewer rules"
            )
        }
    }

    /// Policies that share tier and priority: the API leaves open which is asked
    /// first; here it is settled by kind and name.
    private var equalPriorities: [Diagnostic] {
        cluster.tiers.equals.flatMap { policies in
            policies.dropFirst().map { policy in
                Diagnostic(
                    .warning, object: policy.reference.description, reference: policy.reference,
                    field: "spec.priority",
                    "\(policy.priority) is the priority of \(policies[0].reference) too, in tier \(policy.tier.rawValue): which of them is asked first is settled by kind and name; give each its own"
                )
            }
        }
    }

    /// The administrators' policies, in the order in which they are asked.
    public var clusterPolicies: [ClusterNetworkPolicy] {
        ClusterNetworkPolicy.Tier.allCases.flatMap { cluster.tiers[$0] }
    }

    public var networkPolicyCount: Int { cluster.policies.values.reduce(0) { $0 + $1.count } }

    public func networkPolicy(_ key: NamespacedName) -> NetworkPolicy? {
        cluster.policies[key.namespace]?[key.name]
    }

    /// The pods that verdicts are wanted for, by the NetworkPolicies that isolate them; finished ones left out.
    public var subjectsByPolicy: [NamespacedName: [NamespacedName]] {
        var pods: [NamespacedName: [NamespacedName]] = [:]
        for subject in subjects.values.filter({ !$0.finished }).sorted(by: { $0.key < $1.key }) {
            for policy in subject.policies { pods[policy, default: []].append(subject.key) }
        }
        return pods
    }

    /// The pods that verdicts are wanted for and that the policy is about; finished ones left out.
    public func subjects(of policy: ClusterNetworkPolicy) -> [NamespacedName] {
        subjects.values.filter { subject in
            !subject.finished && cluster.pods[subject.key].map { cluster.selects(policy, $0) } ?? false
        }.map(\.key).sorted()
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
        space.groups.candidates(namespaces: namespaces, pods: pods).contains { id in
            guard let group = PodGroup(space.peership(id)), pods.matches(group.labels) else { return false }
            return switch namespaces {
            case .named(let name): group.namespace == name
            case .matching(let selector): selector.matches(cluster.labels(ofNamespace: group.namespace))
            }
        }
    }
}

extension [ClusterNetworkPolicy] {
    /// Those that hold a rule for domain names beyond so many of them.
    fileprivate func withoutPlaces(_ places: Int) -> [ObjectReference] {
        var count = 0
        return filter { policy in
            let own = policy.rules.count(where: \.hasNames)
            count += own
            return own > 0 && count > places
        }.map(\.reference)
    }
}
