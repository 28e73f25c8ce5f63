public import PolicyModel

/// What recorded flows do not say of themselves: the labels of namespaces, and
/// what is behind services.
public struct RecordedCluster: Hashable, Sendable, Codable {
    /// By name.
    public var namespaces: [String: Labels]
    public var services: [RecordedService]

    public init(namespaces: [String: Labels] = [:], services: [RecordedService] = []) {
        self.namespaces = namespaces
        self.services = services
    }

    public func service(_ key: NamespacedName) -> RecordedService? {
        services.first { $0.namespace == key.namespace && $0.name == key.name }
    }

    /// Takes what another knows; of what both know, the other's.
    public mutating func merge(_ other: RecordedCluster) {
        namespaces.merge(other.namespaces) { $1 }
        let replaced = Set(other.services.map(\.key))
        services = services.filter { !replaced.contains($0.key) } + other.services
        services.sort { $0.key < $1.key }
    }

    /// What concerns these services and namespaces; the rest goes.
    public func concerning(
        _ mentioned: (services: Set<NamespacedName>, namespaces: Set<String>)
    ) -> RecordedCluster {
        let services = services.filter { mentioned.services.contains($0.key) }
        let named = mentioned.namespaces.union(services.flatMap { $0.ways.compactMap(\.pods?.namespace) })
        return RecordedCluster(namespaces: namespaces.filter { named.contains($0.key) }, services: services)
    }
}

/// A service and the ways on from it.
public struct RecordedService: Hashable, Sendable, Codable {
    /// More ways of one service than this are not kept.
    public static let mostWays = 64

    /// From a port of the service to a port behind it.
    public struct Way: Hashable, Sendable, Codable {
        public var `protocol`: TransportProtocol
        /// The service's port.
        public var port: UInt16
        /// An endpoint of those that only its address tells apart.
        public var address: IPAddress
        public var targetPort: UInt16
        /// Nil where the endpoint is no pod.
        public var pods: FlowParty?
        /// The names that the endpoint has for the target port, sorted.
        public var portNames: [String]

        public init(
            protocol: TransportProtocol, port: UInt16, address: IPAddress, targetPort: UInt16,
            pods: FlowParty?, portNames: [String] = []
        ) {
            self.protocol = `protocol`
            self.port = port
            self.address = address
            self.targetPort = targetPort
            self.pods = pods
            self.portNames = portNames
        }
    }

    public var namespace: String
    public var name: String
    public var addresses: [IPAddress]
    public private(set) var ways: [Way]

    /// - Parameters:
    ///   - key: the service.
    ///   - addresses: its Service IPs.
    ///   - ways: of those that lead to the same port of the same pods, one is kept.
    public init(_ key: NamespacedName, addresses: [IPAddress], ways: [Way]) {
        (namespace, name, self.addresses) = (key.namespace, key.name, addresses)
        self.ways = []
        for way in ways
        where self.ways.count < Self.mostWays && !self.ways.contains(where: { $0.leads(like: way) }) {
            self.ways.append(way)
        }
    }

    public var key: NamespacedName { NamespacedName(namespace, name) }
}

extension RecordedService.Way {
    fileprivate func leads(like other: Self) -> Bool {
        guard `protocol` == other.protocol, port == other.port, targetPort == other.targetPort,
            address.isIPv4 == other.address.isIPv4
        else { return false }
        return pods == nil ? address == other.address : pods == other.pods && portNames == other.portNames
    }
}
