public import PolicyModel

/// One end of a flow.
public struct FlowEnd: Hashable, Sendable {
    /// Nil where it is not known.
    public var address: IPAddress?
    /// Empty where the end is no pod.
    public var namespace: String
    /// Empty where the end is no pod, or one that nobody knows by name.
    public var pod: String
    public var labels: Labels
    /// What the pod is a replica of.
    public var workload: Workload?
    /// The ports that the pod names; for destinations only.
    public var namedPorts: [NamedPort]
    /// The pod's cgroup where no pod is known for it.
    public var cgroup: UInt64?
    /// Whether it is a pod on the host's network.
    public var hostNetwork: Bool

    public init(
        address: IPAddress? = nil, namespace: String = "", pod: String = "", labels: Labels = [:],
        workload: Workload? = nil, namedPorts: [NamedPort] = [], cgroup: UInt64? = nil,
        hostNetwork: Bool = false
    ) {
        self.address = address
        self.namespace = namespace
        self.pod = pod
        self.labels = labels
        self.workload = workload
        self.namedPorts = namedPorts
        self.cgroup = cgroup
        self.hostNetwork = hostNetwork
    }

    /// The pod's name, if it is a known pod.
    public var key: NamespacedName? { pod.isEmpty ? nil : NamespacedName(namespace, pod) }
}

/// What a flow is carried by.
public struct FlowTransport: Hashable, Sendable {
    /// IANA number.
    public var protocolNumber: UInt8
    /// 0 where it is not known: the hooks of connect and sendmsg see none.
    public var sourcePort: UInt16
    /// 0 where the protocol has none.
    public var destinationPort: UInt16

    public init(protocolNumber: UInt8, sourcePort: UInt16 = 0, destinationPort: UInt16) {
        self.protocolNumber = protocolNumber
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
    }

    /// Nil for protocols without ports.
    public var `protocol`: TransportProtocol? { TransportProtocol(rawValue: protocolNumber) }

    /// `TCP`, `UDP`, `SCTP`, `ICMP`, or `protocol 47`.
    public var name: String {
        `protocol`?.name ?? (protocolNumber == 1 || protocolNumber == 58 ? "ICMP" : "protocol \(protocolNumber)")
    }
}
