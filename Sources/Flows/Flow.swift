public import PolicyModel

/// One decision about a flow, with names in place of identifiers.
///
/// In JSON the fields are named as in Hubble's flow (api/v1/flow/flow.proto)
/// where that has one; see `Flow+JSON`.
public struct Flow: Hashable, Sendable {
    /// What the destination is.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case pod, service, node
        /// A guarded metadata endpoint.
        case metadata
        /// Nothing in the cluster has the address.
        case external
    }

    public struct Process: Hashable, Sendable, Codable {
        /// In the agent's PID namespace.
        public var pid: Int32
        /// At most 15 bytes, as the kernel has it (`comm`).
        public var name: String

        public init(pid: Int32, name: String) {
            self.pid = pid
            self.name = name
        }
    }

    public var time: FlowTime
    public var verdict: FlowVerdict
    /// How many packets, or calls that were refused, this stands for: repeats
    /// are counted, not repeated.
    public var count: UInt32
    public var node: String
    public var source: FlowEnd
    public var destination: FlowEnd
    public var transport: FlowTransport
    public var destinationKind: Kind
    /// Names of the destination beside a pod's: first that of a metadata endpoint or a
    /// node, then the domain names that the pod was told the address for, then the
    /// CIDR blocks of rules.
    public var destinationNames: [String]
    /// The service whose address it is.
    public var service: NamespacedName?
    /// The policy that decided; for a denial the first one that isolates the pod.
    public var policy: FlowPolicy?
    /// Why, as one sentence without a full stop.
    public var reason: String
    /// Whether a guard decided, or was passed by an exemption or an Accept.
    public var guarded: Bool
    public var hook: FlowHook
    public var process: Process?

    public init(
        time: FlowTime, verdict: FlowVerdict, count: UInt32 = 1, node: String = "", source: FlowEnd,
        destination: FlowEnd, transport: FlowTransport, destinationKind: Kind = .external,
        destinationNames: [String] = [], service: NamespacedName? = nil, policy: FlowPolicy? = nil,
        reason: String = "", guarded: Bool = false, hook: FlowHook = .egress, process: Process? = nil
    ) {
        self.time = time
        self.verdict = verdict
        self.count = count
        self.node = node
        self.source = source
        self.destination = destination
        self.transport = transport
        self.destinationKind = destinationKind
        self.destinationNames = destinationNames
        self.service = service
        self.policy = policy
        self.reason = reason
        self.guarded = guarded
        self.hook = hook
        self.process = process
    }
}

extension Flow {
    /// The domain names among the destination's names.
    public var domainNames: [DomainName] {
        destinationNames.dropFirst(ownNames).compactMap { DomainName($0) }
    }

    /// Whether resolvers tell of such destinations: what the cluster has goes by its own names.
    public var mayHaveDomainNames: Bool { destinationKind == .external || destinationKind == .metadata }

    /// Adds names that the pod was told the address for, in their place.
    public mutating func addDomainNames(_ names: [String]) {
        destinationNames.insert(contentsOf: names, at: min(ownNames, destinationNames.count))
    }

    /// How many names come before domain names.
    private var ownNames: Int { destinationKind == .node || destinationKind == .metadata ? 1 : 0 }
}

/// The policy and rule that decided.
public struct FlowPolicy: Hashable, Sendable, Codable {
    /// For instance `NetworkPolicy` or `ClusterNetworkPolicy`.
    public var kind: String
    /// Empty for cluster-scoped kinds.
    public var namespace: String
    public var name: String
    /// The rule's place in `spec.egress`; nil where no rule allows it.
    public var rule: Int?

    public init(kind: String, namespace: String, name: String, rule: Int?) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.rule = rule
    }
}
