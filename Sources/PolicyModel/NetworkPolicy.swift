/// The egress side of a networking.k8s.io/v1 `NetworkPolicy`, validated.
public struct NetworkPolicy: Hashable, Sendable {
    public var key: NamespacedName
    /// Which pods of the policy's namespace it is about.
    public var podSelector: LabelSelector
    /// Whether it isolates those pods for egress: `policyTypes` holds Egress, or
    /// is empty while `egress` has a rule.
    public var isolatesEgress: Bool
    public var rules: [EgressRule]

    public init(
        key: NamespacedName, podSelector: LabelSelector, isolatesEgress: Bool, rules: [EgressRule]
    ) {
        self.key = key
        self.podSelector = podSelector
        self.isolatesEgress = isolatesEgress
        self.rules = rules
    }
}

/// One entry of `spec.egress`.
public struct EgressRule: Hashable, Sendable {
    /// Its place in `spec.egress`, from 0. Rules that could not be understood
    /// are left out, so places need not be consecutive.
    public var index: Int
    /// Nil (`to` absent or empty) means every destination.
    public var peers: [Peer]?
    /// Nil (`ports` absent or empty) means every port of every protocol.
    public var ports: [PolicyPort]?

    public init(index: Int, peers: [Peer]?, ports: [PolicyPort]?) {
        self.index = index
        self.peers = peers
        self.ports = ports
    }
}

/// One entry of a rule's `to` (networking.k8s.io/v1 `NetworkPolicyPeer`).
public enum Peer: Hashable, Sendable {
    public enum Namespaces: Hashable, Sendable {
        /// `namespaceSelector` is absent: the policy's own namespace.
        case own
        case matching(LabelSelector)
    }

    case pods(in: Namespaces, LabelSelector)
    case block(IPBlock)
}

/// A networking.k8s.io/v1 `IPBlock`.
public struct IPBlock: Hashable, Sendable {
    public var prefix: Prefix
    /// Strictly inside `prefix`, sorted, without duplicates.
    public var except: [Prefix]

    public init(_ prefix: Prefix, except: [Prefix] = []) {
        self.prefix = prefix
        self.except = Set(except).sorted()
    }

    public func contains(_ address: IPAddress) -> Bool {
        prefix.contains(address) && !except.contains { $0.contains(address) }
    }
}
