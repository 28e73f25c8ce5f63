/// A networking.k8s.io/v1 `NetworkPolicy`, validated.
public struct NetworkPolicy: Hashable, Sendable {
    public var key: NamespacedName
    /// Which pods of the policy's namespace it is about.
    public var podSelector: LabelSelector
    /// The directions in which it isolates those pods: for egress, `policyTypes` holds
    /// Egress, or is empty while `egress` has a rule.
    public var isolates: Set<Direction>
    /// The rules of both directions; those of one direction keep the order of their list.
    public var rules: [PolicyRule]

    public init(
        key: NamespacedName, podSelector: LabelSelector, isolates: Set<Direction>, rules: [PolicyRule]
    ) {
        self.key = key
        self.podSelector = podSelector
        self.isolates = isolates
        self.rules = rules
    }

    /// The policy as far as it is about one direction: its isolation and its rules.
    public func side(_ direction: Direction) -> NetworkPolicy {
        var side = self
        side.isolates.formIntersection([direction])
        // An array that nothing leaves keeps its storage, by which equal ones are found quickly.
        if rules.contains(where: { $0.place.direction != direction }) {
            side.rules.removeAll { $0.place.direction != direction }
        }
        return side
    }
}

/// One entry of `spec.egress` or `spec.ingress`.
public struct PolicyRule: Hashable, Sendable {
    /// Rules that could not be understood are left out, so indices need not be consecutive.
    public var place: RulePlace
    /// Nil (`to` or `from` absent or empty) means every remote end.
    public var peers: [Peer]?
    /// Nil (`ports` absent or empty) means every port of every protocol.
    public var ports: [PolicyPort]?

    public var index: Int { place.index }

    public init(_ direction: Direction, index: Int, peers: [Peer]?, ports: [PolicyPort]?) {
        place = RulePlace(direction, index)
        self.peers = peers
        self.ports = ports
    }
}

/// One entry of a rule's `to` or `from` (networking.k8s.io/v1 `NetworkPolicyPeer`).
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
