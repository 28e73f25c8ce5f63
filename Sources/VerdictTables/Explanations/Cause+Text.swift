public import PolicyModel

extension Cause {
    /// One sentence for people, without a full stop.
    public var reason: String {
        switch self {
        case .sourceRouted:
            "source-routed packets are refused: where they go in the end is not known"
        case .foreignSource:
            "the packet's source is no address of the pod's own"
        case .notIsolated:
            "no policy isolates the pod for egress"
        case .tier(let rule):
            "\(rule.verb) by tier \(rule.tier.rawValue): \(rule.text)"
        case .rule(let policy, let rule):
            "allowed by policy \(policy), egress rule \(rule)"
        case .isolated(let policies):
            policies.count == 1
                ? "isolated by policy \(policies[0]); none of its rules allows it"
                : "isolated by policies \(policies.map(\.description).joined(separator: ", ")); none of their rules allows it"
        case .guarded(NodePorts.guardName):
            "guarded: it is a node's own port, which no NetworkPolicy can open"
        case .guarded(let name):
            "guarded: \(name) is a metadata endpoint, which no NetworkPolicy can open"
        case .exempted(let name):
            "past guard \(name): the agent's configuration exempts the pod"
        case .service(let service, let policy?, let rule?):
            "every ready endpoint of service \(service) is allowed, the first by policy \(policy), egress rule \(rule)"
        case .service(let service, _, _):
            "every ready endpoint of service \(service) is allowed"
        case .serviceDenied(let service, let endpoint?):
            "endpoint \(endpoint) of service \(service) is not allowed, and a service is allowed only with all its ready endpoints"
        case .serviceDenied(let service, nil):
            "service \(service) has no ready endpoint on this port"
        case .serviceTier(let service, let endpoint?, let rule):
            "endpoint \(endpoint) of service \(service) is \(rule.verb) by tier \(rule.tier.rawValue): \(rule.text)"
        case .serviceTier(let service, nil, let rule):
            "every ready endpoint of service \(service) is allowed, the first by tier \(rule.tier.rawValue): \(rule.text)"
        case .serviceGuarded(let service, NodePorts.guardName):
            "guarded: an endpoint of service \(service) is a node's own port"
        case .serviceGuarded(let service, let name):
            "guarded: an endpoint of service \(service) is the metadata endpoint \(name)"
        case .ownNode:
            "the agent's configuration allows the node's own addresses"
        }
    }

    /// The policy that decided; for a denial the first one that isolates the pod.
    public var policy: ObjectReference? {
        switch self {
        case .rule(let policy, _): ObjectReference(.networkPolicy, policy)
        case .isolated(let policies): policies.first.map { ObjectReference(.networkPolicy, $0) }
        case .service(_, let policy, _): policy.map { ObjectReference(.networkPolicy, $0) }
        case .tier(let rule), .serviceTier(_, _, let rule): rule.policy
        default: nil
        }
    }

    /// The place of the deciding rule in `spec.egress`.
    public var rule: Int? {
        switch self {
        case .rule(_, let rule): rule
        case .service(_, _, let rule): rule
        case .tier(let rule), .serviceTier(_, _, let rule): rule.rule
        default: nil
        }
    }
}

extension TierRule {
    fileprivate var verb: String { action == .accept ? "allowed" : "denied" }

    fileprivate var text: String { "\(policy), egress rule \(rule)\(name.isEmpty ? "" : " (\(name.printable))")" }
}

extension PeerIdentity {
    /// What the address is, for people.
    public var text: String {
        switch self {
        case .pods(let namespace, let labels, let ports):
            "pods in \(namespace) with "
                + (labels.isEmpty
                    ? "no labels"
                    : labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","))
                + (ports.isEmpty
                    ? ""
                    : " (ports "
                        + ports.map { "\($0.name)=\($0.number)/\($0.protocol.name)" }.joined(separator: " ")
                        + ")")
        case .block(let cidr, let except):
            "block \(cidr)" + (except.isEmpty ? "" : " except \(except.map(\.description).joined(separator: ", "))")
        case .service(let name, _): "service \(name)"
        case .nodes(let selector):
            selector.requirements.isEmpty ? "a node" : "a node with \(selector)"
        case .guarded(NodePorts.guardName): "a node, whose own ports are guarded"
        case .guarded(let name): "metadata endpoint \(name)"
        case .ownNode: "the node itself"
        }
    }
}
