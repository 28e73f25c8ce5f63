public import PolicyModel

/// What decided about a flow: what `CauseID` stands for. `Cause+Text` puts it into words.
public enum Cause: Hashable, Sendable, Codable {
    /// The packet names the hosts that it is to travel by (SLUICE_CAUSE_SOURCE_ROUTE).
    case sourceRouted
    /// The packet's source is no address of the pod's own (SLUICE_CAUSE_FOREIGN_SOURCE).
    case foreignSource
    /// No policy isolates the pod.
    case notIsolated
    /// A rule of a NetworkPolicy allows it; `rule` is its place in `spec.egress`.
    case rule(policy: NamespacedName, rule: Int)
    /// These policies isolate the pod, and no rule of theirs allows it.
    case isolated(by: [NamespacedName])
    /// A rule of a ClusterNetworkPolicy, or of a kind that it replaces.
    case tier(TierRule)
    /// A guard, by its name in the guard table or `nodePorts`.
    case guarded(String)
    /// A guard that does not apply to the pod, by the agent's configuration.
    case exempted(String)
    /// A service address whose every ready endpoint is allowed; the rule is the
    /// one that allows the first of them, if a rule does.
    case service(NamespacedName, policy: NamespacedName?, rule: Int?)
    /// A service address with an endpoint that is not allowed, or without any.
    case serviceDenied(NamespacedName, endpoint: AddressPort?)
    /// A service address: such a rule denies this endpoint of it or, where there
    /// is none to name, accepts every ready endpoint, this one the first.
    case serviceTier(NamespacedName, endpoint: AddressPort?, TierRule)
    /// A service address with a guarded endpoint.
    case serviceGuarded(NamespacedName, guard: String)
    /// The agent's configuration allows the node's own addresses.
    case ownNode

    /// What the programs decide by themselves, whatever the tables say.
    public static let ofPrograms: [CauseID: Cause] = [
        .sourceRouted: .sourceRouted, .foreignSource: .foreignSource,
    ]
}

/// Names a rule of an administrators' policy.
public struct TierRule: Hashable, Sendable, Codable {
    public var tier: ClusterNetworkPolicy.Tier
    public var policy: ObjectReference
    /// The rule's place in `spec.egress`.
    public var rule: Int
    /// What its author calls it; may be empty.
    public var name: String
    public var action: TierPolicyRule.Action

    public init(
        tier: ClusterNetworkPolicy.Tier, policy: ObjectReference, rule: Int, name: String,
        action: TierPolicyRule.Action
    ) {
        self.tier = tier
        self.policy = policy
        self.rule = rule
        self.name = name
        self.action = action
    }
}

/// One thing that an address is; what an address class is made of.
public enum PeerIdentity: Hashable, Sendable, Codable {
    /// Pods of a namespace with these labels and named container ports.
    case pods(namespace: String, labels: Labels, ports: [NamedPort])
    /// A CIDR block with its holes.
    case block(cidr: Prefix, except: [Prefix])
    /// An address of a service. Translation keeps the family, so what is behind
    /// an IPv4 address of it are its IPv4 endpoints.
    case service(NamespacedName, ipv4: Bool)
    /// An address of nodes that a rule's selector matches.
    case nodes(LabelSelector)
    /// A guarded destination, by the name of its guard.
    case guarded(String)
    case ownNode
}
