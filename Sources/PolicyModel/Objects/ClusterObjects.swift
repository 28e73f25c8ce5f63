/// The name of an object within its namespace.
public struct NamespacedName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var namespace: String
    public var name: String

    public init(_ namespace: String, _ name: String) {
        self.namespace = namespace
        self.name = name
    }

    public var description: String { "\(namespace)/\(name)" }

    public static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

/// What Sluice reads of a core/v1 `Namespace`.
public struct Namespace: Hashable, Sendable {
    public var name: String
    /// Holds `kubernetes.io/metadata.name`, as the API server sees to.
    public var labels: Labels

    public init(name: String, labels: Labels) {
        self.name = name
        self.labels = labels
    }
}

/// What Sluice reads of a core/v1 `Node`.
public struct Node: Hashable, Sendable {
    public var name: String
    public var labels: Labels
    /// Every IP address of `status.addresses`.
    public var addresses: [IPAddress]

    public init(name: String, labels: Labels = [:], addresses: [IPAddress] = []) {
        self.name = name
        self.labels = labels
        self.addresses = addresses
    }
}

/// What Sluice reads of a core/v1 `Pod`.
public struct Pod: Hashable, Sendable {
    public var key: NamespacedName
    public var uid: String
    public var labels: Labels
    /// `spec.nodeName`; empty while the pod is not scheduled.
    public var nodeName: String
    public var serviceAccount: String
    public var hostNetwork: Bool
    /// Phase Succeeded or Failed: it is no peer, its address may be another's.
    public var finished: Bool
    /// Whether its Ready condition holds; used to derive endpoints from a
    /// service's selector where no endpoint slices exist.
    public var ready: Bool
    /// Every address of `status.podIPs`.
    public var addresses: [IPAddress]
    /// The named ports of all containers, sorted.
    public var namedPorts: [NamedPort]
    /// The annotation `sluice.dev/cgroup`: a path below the cgroup root. Only
    /// manifest files may set it.
    public var cgroupPath: String?
    /// Set for the API's image of a static pod.
    public var mirror: Mirror?
    /// What it is a replica of; nil for a pod without a controller.
    public var workload: Workload?
    /// Whether a container of it has CAP_NET_RAW, and with it AF_PACKET.
    public var keepsNetRaw: Bool
    /// `spec.runtimeClassName`; nil for the node's default runtime. The API lets nobody change it.
    public var runtimeClass: String?

    /// What gives its processes names for addresses beside the resolvers of the cluster and the node.
    public var nameSources: [NameSource]

    public enum NameSource: Hashable, Sendable {
        /// An entry of `spec.dnsConfig.nameservers`.
        case nameserver(IPAddress)
        /// A name of `spec.hostAliases`, which kubelet writes into the pod's /etc/hosts.
        case alias(DomainName)
    }

    /// The API's image of a pod that kubelet runs from a file. Its cgroup bears
    /// the hash, not the uid that the API gave.
    public struct Mirror: Hashable, Sendable {
        /// The annotation `kubernetes.io/config.hash`: 32 hexadecimal digits.
        public var hash: String
        /// `metadata.creationTimestamp`, in RFC 3339 as the API has it: sorts by time.
        public var created: String

        public init(hash: String, created: String) {
            self.hash = hash
            self.created = created
        }
    }

    public init(
        key: NamespacedName, uid: String = "", labels: Labels = [:], nodeName: String = "",
        serviceAccount: String = "default", hostNetwork: Bool = false, finished: Bool = false,
        ready: Bool = true, addresses: [IPAddress] = [], namedPorts: [NamedPort] = [],
        cgroupPath: String? = nil, mirror: Mirror? = nil, workload: Workload? = nil,
        keepsNetRaw: Bool = false, runtimeClass: String? = nil, nameSources: [NameSource] = []
    ) {
        self.key = key
        self.uid = uid
        self.labels = labels
        self.nodeName = nodeName
        self.serviceAccount = serviceAccount
        self.hostNetwork = hostNetwork
        self.finished = finished
        self.ready = ready
        self.addresses = addresses
        self.namedPorts = namedPorts.sorted()
        self.cgroupPath = cgroupPath
        self.mirror = mirror
        self.workload = workload
        self.keepsNetRaw = keepsNetRaw
        self.runtimeClass = runtimeClass
        self.nameSources = nameSources
    }
}

/// What Sluice reads of a node.k8s.io/v1 `RuntimeClass`.
public struct RuntimeClass: Hashable, Sendable {
    public var name: String
    /// What the node's container runtime calls the runtime.
    public var handler: String

    public init(name: String, handler: String) {
        self.name = name
        self.handler = handler
    }
}

/// What Sluice reads of a core/v1 `Service`.
public struct Service: Hashable, Sendable {
    public struct Port: Hashable, Sendable {
        public enum Target: Hashable, Sendable {
            case number(UInt16)
            case named(String)
        }

        /// Empty when the service has a single unnamed port.
        public var name: String
        public var `protocol`: TransportProtocol
        public var number: UInt16
        /// `targetPort`; what endpoint slices say wins over it.
        public var target: Target

        public init(name: String, protocol: TransportProtocol, number: UInt16, target: Target) {
            self.name = name
            self.protocol = `protocol`
            self.number = number
            self.target = target
        }
    }

    public var key: NamespacedName
    /// clusterIPs, externalIPs and load-balancer ingress addresses; none for a
    /// headless service.
    public var addresses: [IPAddress]
    public var ports: [Port]
    /// Nil when the service has no selector: its endpoints are made by hand.
    public var selector: Labels?

    public init(key: NamespacedName, addresses: [IPAddress], ports: [Port], selector: Labels?) {
        self.key = key
        self.addresses = addresses
        self.ports = ports
        self.selector = selector
    }
}

/// What Sluice reads of a discovery.k8s.io/v1 `EndpointSlice`.
public struct EndpointSlice: Hashable, Sendable {
    public struct Port: Hashable, Sendable {
        public var name: String
        public var `protocol`: TransportProtocol
        /// Nil means all ports, which no service can name.
        public var number: UInt16?

        public init(name: String, protocol: TransportProtocol, number: UInt16?) {
            self.name = name
            self.protocol = `protocol`
            self.number = number
        }
    }

    public struct Endpoint: Hashable, Sendable {
        public var addresses: [IPAddress]
        /// `conditions.ready`; absent counts as true.
        public var ready: Bool
        /// `conditions.serving` of a terminating endpoint: kube-proxy falls
        /// back to these when none is ready.
        public var servingWhileTerminating: Bool

        public init(addresses: [IPAddress], ready: Bool = true, servingWhileTerminating: Bool = false) {
            self.addresses = addresses
            self.ready = ready
            self.servingWhileTerminating = servingWhileTerminating
        }
    }

    public var key: NamespacedName
    /// The label `kubernetes.io/service-name`.
    public var serviceName: String
    public var ports: [Port]
    public var endpoints: [Endpoint]

    public init(key: NamespacedName, serviceName: String, ports: [Port], endpoints: [Endpoint]) {
        self.key = key
        self.serviceName = serviceName
        self.ports = ports
        self.endpoints = endpoints
    }
}
