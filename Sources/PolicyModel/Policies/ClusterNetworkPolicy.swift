/// A policy of the cluster's administrators, validated: a
/// policy.networking.k8s.io `ClusterNetworkPolicy`, or one of the v1alpha1 kinds
/// that it replaces.
public struct ClusterNetworkPolicy: Hashable, Sendable {
    /// Before or after the namespaces' own policies.
    public enum Tier: String, Hashable, Sendable, CaseIterable, Codable {
        case admin = "Admin"
        case baseline = "Baseline"
    }

    /// Which API object it was. Where priorities are equal the order of the cases
    /// decides: the older API's policies were there first.
    public enum Kind: Int, Hashable, Sendable, CaseIterable {
        /// v1alpha1 `AdminNetworkPolicy`: tier Admin.
        case adminNetworkPolicy
        case clusterNetworkPolicy
        /// v1alpha1 `BaselineAdminNetworkPolicy`: tier Baseline. It has no priority
        /// and comes after every policy that has one.
        case baselineAdminNetworkPolicy

        public var reference: ObjectReference.Kind {
            switch self {
            case .adminNetworkPolicy: .adminNetworkPolicy
            case .clusterNetworkPolicy: .clusterNetworkPolicy
            case .baselineAdminNetworkPolicy: .baselineAdminNetworkPolicy
            }
        }
    }

    public var kind: Kind
    public var name: String
    public var tier: Tier
    /// `spec.priority`, 0 to 1000; what is lower is asked first.
    public var priority: Int
    public var subject: PodSelection
    /// The rules of both directions; those of one direction in the order of evaluation.
    public var rules: [TierPolicyRule]
    /// Whether its rules for domain names count where the answer is a private or a
    /// guarded address (annotation `sluice.dev/private-answers: allow`).
    public var allowsPrivateAnswers: Bool
    /// For how many seconds after its last use an address counts for a name past its answer's time
    /// (annotation `sluice.dev/name-grace`); nil leaves it to the node.
    public var nameGrace: UInt16?

    /// The values of `spec.priority`.
    public static let priorities = 0...1000

    public init(
        kind: Kind = .clusterNetworkPolicy, name: String, tier: Tier, priority: Int,
        subject: PodSelection, rules: [TierPolicyRule], allowsPrivateAnswers: Bool = false,
        nameGrace: UInt16? = nil
    ) {
        self.kind = kind
        self.name = name
        self.tier = tier
        self.priority = priority
        self.subject = subject
        self.rules = rules
        self.allowsPrivateAnswers = allowsPrivateAnswers
        self.nameGrace = nameGrace
    }

    public var reference: ObjectReference { ObjectReference(kind.reference, "", name) }

    /// The policy as far as it is about one direction.
    public func side(_ direction: Direction) -> ClusterNetworkPolicy {
        var side = self
        // An array that nothing leaves keeps its storage, by which equal ones are found quickly.
        if rules.contains(where: { $0.place.direction != direction }) {
            side.rules.removeAll { $0.place.direction != direction }
        }
        return side
    }

    /// Whether it is asked before another policy of its tier: by priority; where
    /// that is equal, which the API leaves open, by kind and then by name.
    public func precedes(_ other: ClusterNetworkPolicy) -> Bool {
        (priority, kind.rawValue, name) < (other.priority, other.kind.rawValue, other.name)
    }
}

/// Pods by their own labels and those of their namespace (`subject` and the peers
/// `namespaces` and `pods` of the API). Pods on the host's network are never
/// among them.
public struct PodSelection: Hashable, Sendable {
    public var namespaces: LabelSelector
    /// Without requirements where the API names namespaces alone.
    public var pods: LabelSelector

    public init(namespaces: LabelSelector = LabelSelector(), pods: LabelSelector = LabelSelector()) {
        self.namespaces = namespaces
        self.pods = pods
    }
}

/// One entry of `spec.egress` or `spec.ingress`.
public struct TierPolicyRule: Hashable, Sendable {
    /// `action`; v1alpha1 says `Allow` for `Accept`.
    public enum Action: String, Hashable, Sendable, CaseIterable, Codable {
        case accept = "Accept"
        case deny = "Deny"
        /// The rest of the tier is skipped.
        case pass = "Pass"
    }

    /// Rules that match nothing because they could not be understood are left out, so
    /// indices need not be consecutive.
    public var place: RulePlace
    /// Empty where the API object gives none.
    public var name: String
    public var action: Action
    /// Nil means every remote end: a rule that could not be understood and denies.
    public var peers: [ClusterPeer]?
    /// Nil (`protocols` absent) means every port of every protocol.
    public var ports: [PolicyPort]?

    public var index: Int { place.index }

    public init(
        _ direction: Direction, index: Int, name: String = "", action: Action, peers: [ClusterPeer]?,
        ports: [PolicyPort]? = nil
    ) {
        place = RulePlace(direction, index)
        self.name = name
        self.action = action
        self.peers = peers
        self.ports = ports
    }
}

/// One remote end of a rule's `to` or `from`.
public enum ClusterPeer: Hashable, Sendable {
    case pods(PodSelection)
    /// Every address of the nodes with these labels (`status.addresses`).
    case nodes(LabelSelector)
    /// One entry of `networks`.
    case network(Prefix)
    /// All of `domainNames`; in Accept rules of tier Admin alone.
    case domains([DomainPattern])
}
