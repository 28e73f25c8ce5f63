import Linting
import PolicyCompiler
import PolicyModel

// Objects and findings in few words.

func key(_ text: String) -> NamespacedName {
    let parts = text.split(separator: "/").map(String.init)
    return NamespacedName(parts[0], parts[1])
}

func pod(
    _ name: String, _ addresses: String..., labels: Labels = [:], ports: [NamedPort] = [], node: String = "",
    hostNetwork: Bool = false, finished: Bool = false, workload: Workload? = nil, keepsNetRaw: Bool = false,
    names: [Pod.NameSource] = []
) -> ClusterObject {
    .pod(
        Pod(
            key: key(name), labels: labels, nodeName: node, hostNetwork: hostNetwork, finished: finished,
            addresses: addresses.map { IPAddress($0)! }, namedPorts: ports, workload: workload,
            keepsNetRaw: keepsNetRaw, nameSources: names))
}

func namespace(_ name: String, _ labels: Labels = [:]) -> ClusterObject {
    .namespace(Namespace(name: name, labels: labels.merging(["kubernetes.io/metadata.name": name]) { $1 }))
}

func policy(
    _ name: String, on selector: Labels = [:], isolates: Bool = true, _ rules: PolicyRule...
) -> ClusterObject {
    policy(name, LabelSelector(matchLabels: selector), isolates: isolates, rules)
}

func policy(
    _ name: String, _ selector: LabelSelector, isolates: Bool = true, _ rules: [PolicyRule]
) -> ClusterObject {
    .networkPolicy(
        NetworkPolicy(
            key: key(name), podSelector: selector, isolates: isolates ? [.egress] : [],
            rules: rules.enumerated().map { PolicyRule(.egress, index: $0, peers: $1.peers, ports: $1.ports) }))
}

/// Its place comes from where it stands in the policy.
func rule(to peers: Peer..., ports: PolicyPort...) -> PolicyRule {
    PolicyRule(.egress, index: 0, peers: peers.isEmpty ? nil : peers, ports: ports.isEmpty ? nil : ports)
}

func pods(_ labels: Labels = [:]) -> Peer { .pods(in: .own, LabelSelector(matchLabels: labels)) }

func pods(_ labels: Labels = [:], in namespace: String) -> Peer {
    .pods(
        in: .matching(LabelSelector(matchLabels: ["kubernetes.io/metadata.name": namespace])),
        LabelSelector(matchLabels: labels))
}

func podsAnywhere(_ labels: Labels = [:]) -> Peer {
    .pods(in: .matching(LabelSelector()), LabelSelector(matchLabels: labels))
}

func block(_ cidr: String, except: String...) -> Peer {
    .block(IPBlock(Prefix(cidr)!, except: except.map { Prefix($0)! }))
}

func tcp(_ port: UInt16) -> PolicyPort { PolicyPort(.tcp, .range(port...port)) }
func tcp(_ range: ClosedRange<UInt16>) -> PolicyPort { PolicyPort(.tcp, .range(range)) }
func tcp(_ name: String) -> PolicyPort { PolicyPort(.tcp, .named(name)) }
func udp(_ port: UInt16) -> PolicyPort { PolicyPort(.udp, .range(port...port)) }

func tier(
    _ tier: ClusterNetworkPolicy.Tier, _ name: String, priority: Int = 10, on subject: PodSelection = PodSelection(),
    _ rules: TierPolicyRule...
) -> ClusterObject {
    .clusterNetworkPolicy(
        ClusterNetworkPolicy(
            name: name, tier: tier, priority: priority, subject: subject,
            rules: rules.enumerated().map {
                TierPolicyRule(.egress, index: $0, action: $1.action, peers: $1.peers, ports: $1.ports)
            }))
}

func deny(_ peers: ClusterPeer..., ports: [PolicyPort]? = nil) -> TierPolicyRule {
    TierPolicyRule(.egress, index: 0, action: .deny, peers: peers, ports: ports)
}

func accept(_ peers: ClusterPeer..., ports: [PolicyPort]? = nil) -> TierPolicyRule {
    TierPolicyRule(.egress, index: 0, action: .accept, peers: peers, ports: ports)
}

func pass(_ peers: ClusterPeer...) -> TierPolicyRule {
    TierPolicyRule(.egress, index: 0, action: .pass, peers: peers, ports: nil)
}

func network(_ cidr: String) -> ClusterPeer { .network(Prefix(cidr)!) }

func selection(_ labels: Labels = [:], in namespace: String? = nil) -> PodSelection {
    PodSelection(
        namespaces: LabelSelector(matchLabels: namespace.map { ["kubernetes.io/metadata.name": $0] } ?? [:]),
        pods: LabelSelector(matchLabels: labels))
}

func service(
    _ name: String, _ address: String, port: UInt16 = 80, target: Service.Port.Target? = nil,
    protocols: [TransportProtocol] = [.tcp], selector: Labels? = nil
) -> ClusterObject {
    .service(
        Service(
            key: key(name), addresses: [IPAddress(address)!],
            ports: protocols.map {
                Service.Port(name: $0.name, protocol: $0, number: port, target: target ?? .number(port))
            },
            selector: selector))
}

func slice(
    of service: String, _ addresses: String..., port: UInt16 = 80, protocols: [TransportProtocol] = [.tcp]
) -> ClusterObject {
    let service = key(service)
    return .endpointSlice(
        EndpointSlice(
            key: NamespacedName(service.namespace, "\(service.name)-1"), serviceName: service.name,
            ports: protocols.map { EndpointSlice.Port(name: $0.name, protocol: $0, number: port) },
            endpoints: addresses.map { EndpointSlice.Endpoint(addresses: [IPAddress($0)!]) }))
}

/// What a check finds.
func found(
    _ check: Check, options: CompilerOptions = CompilerOptions(), _ objects: ClusterObject...
) -> [Finding] {
    Linter(objects: objects, options: options).report([check]).findings
}

extension [Finding] {
    /// Object and field of each.
    var places: [String] {
        map { ($0.object?.description ?? $0.origin) + ($0.field.isEmpty ? "" : " \($0.field)") }
    }
}
