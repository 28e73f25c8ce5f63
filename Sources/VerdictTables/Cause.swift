public import PolicyModel

/// Who is to thank for a decision: what `CauseID` stands for.
public enum Cause: Hashable, Sendable, Codable {
    /// The packet names the hosts that it is to travel by (SLUICE_CAUSE_SOURCE_ROUTE).
    case sourceRouted
    /// No policy isolates the pod.
    case notIsolated
    /// A rule of a NetworkPolicy allows it; `rule` is its place in `spec.egress`.
    case rule(policy: String, rule: Int)
    /// These policies isolate the pod, and no rule of theirs allows it.
    case isolated(by: [String])
    /// A guard, by its name in the guard table.
    case guarded(String)
    /// A service address whose every ready endpoint is allowed; the rule is the
    /// one that allows the first of them, if a rule does.
    case service(String, policy: String?, rule: Int?)
    /// A service address with an endpoint that is not allowed, or without any.
    case serviceDenied(String, endpoint: String?)
    /// A service address with a guarded endpoint.
    case serviceGuarded(String, guard: String)
    /// The agent's configuration allows the node's own addresses.
    case ownNode
}

/// One thing that an address is; what an address class is made of.
public enum Peership: Hashable, Sendable, Codable {
    /// Pods of a namespace with these labels and named container ports.
    case pods(namespace: String, labels: Labels, ports: [NamedPort])
    /// A CIDR block with its holes.
    case block(cidr: String, except: [String])
    /// An address of a service. Translation keeps the family, so what is behind
    /// an IPv4 address of it are its IPv4 endpoints.
    case service(String, ipv4: Bool)
    case guarded(String)
    case ownNode
}
