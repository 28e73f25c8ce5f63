import PolicyModel

// Short spellings for the administrators' policies.

func tier(
    _ tier: ClusterNetworkPolicy.Tier, _ priority: Int, _ name: String,
    of kind: ClusterNetworkPolicy.Kind = .clusterNetworkPolicy, on subject: PodSelection = PodSelection(),
    _ rules: TierPolicyRule...
) -> ClusterObject {
    clusterPolicy(tier, priority, name, kind, subject, rules)
}

/// One that stands alone, named `cnp`.
func tier(
    _ tier: ClusterNetworkPolicy.Tier, on subject: PodSelection = PodSelection(), _ rules: TierPolicyRule...
) -> ClusterObject {
    clusterPolicy(tier, 10, "cnp", .clusterNetworkPolicy, subject, rules)
}

private func clusterPolicy(
    _ tier: ClusterNetworkPolicy.Tier, _ priority: Int, _ name: String, _ kind: ClusterNetworkPolicy.Kind,
    _ subject: PodSelection, _ rules: [TierPolicyRule]
) -> ClusterObject {
    .clusterNetworkPolicy(
        ClusterNetworkPolicy(
            kind: kind, name: name, tier: tier, priority: priority, subject: subject,
            rules: rules.enumerated().map { index, rule in
                var rule = rule
                rule.place.index = index
                return rule
            }))
}

func accept(_ peers: ClusterPeer..., ports: [PolicyPort]? = nil) -> TierPolicyRule {
    TierPolicyRule(.egress, index: 0, action: .accept, peers: peers, ports: ports)
}

func deny(_ peers: ClusterPeer..., ports: [PolicyPort]? = nil) -> TierPolicyRule {
    TierPolicyRule(.egress, index: 0, action: .deny, peers: peers, ports: ports)
}

func pass(_ peers: ClusterPeer..., ports: [PolicyPort]? = nil) -> TierPolicyRule {
    TierPolicyRule(.egress, index: 0, action: .pass, peers: peers, ports: ports)
}

func network(_ cidr: String) -> ClusterPeer { .network(Prefix(cidr)!) }

func namespace(_ name: String) -> ClusterPeer { .pods(inNamespace(name)) }

func inNamespace(_ name: String, _ labels: Labels = [:]) -> PodSelection {
    PodSelection(
        namespaces: LabelSelector(matchLabels: ["kubernetes.io/metadata.name": name]),
        pods: LabelSelector(matchLabels: labels))
}

func node(_ name: String, _ addresses: String..., labels: Labels = [:]) -> ClusterObject {
    .node(Node(name: name, labels: labels, addresses: addresses.map { IPAddress($0)! }))
}

/// A container port's name under every protocol, as `destinationNamedPort` means it.
func named(_ name: String) -> [PolicyPort] { TransportProtocol.allCases.map { PolicyPort($0, .named(name)) } }
