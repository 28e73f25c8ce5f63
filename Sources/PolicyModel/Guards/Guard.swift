/// Destinations that no pod reaches, whatever NetworkPolicy says.
public struct Guard: Hashable, Sendable, Codable {
    /// What is guarded, and so which switch and which list of exemptions is its own.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case metadata
        /// Its destinations are the addresses of the cluster's nodes.
        case nodePorts
        /// Sockets whose packets no verdict covers. It has no destinations.
        case sockets
        /// Packets whose source is no address of the pod's own. It has no destinations.
        case sources
    }

    public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        case enforce
        /// What it would deny passes, if policy allows it, and is reported.
        case audit
        /// Not in force: `CompilerOptions` leaves such guards out.
        case off
    }

    public enum Ports: Hashable, Sendable, Codable {
        case all
        /// Every protocol and port but these ports of TCP and UDP.
        case allExcept([UInt16])
        /// These TCP ports alone.
        case tcp([ClosedRange<UInt16>])
    }

    /// Unique; what users write to switch it, and what reports say.
    public var name: String
    public var destinations: [Prefix]
    public var ports: Ports
    public var kind: Kind
    public var mode: Mode

    public init(
        name: String, destinations: [Prefix], ports: Ports, kind: Kind = .metadata, mode: Mode = .enforce
    ) {
        self.name = name
        self.destinations = destinations
        self.ports = ports
        self.kind = kind
        self.mode = mode
    }

    /// The guard of ports at the addresses of the cluster's nodes, as they come and go.
    public static func nodePorts(
        _ ports: [ClosedRange<UInt16>] = NodePorts.ranges, mode: Mode = .enforce
    ) -> Guard {
        Guard(name: NodePorts.guardName, destinations: [], ports: .tcp(ports), kind: .nodePorts, mode: mode)
    }

    /// The guarded prefixes, with those that translators lead to them, that are known without the cluster's objects.
    public var prefixes: [Prefix] { destinations.flatMap(Self.prefixes(of:)) }

    /// A guarded prefix, and for IPv4 also the IPv6 addresses that translators turn
    /// into it: 64:ff9b::/96 (NAT64, RFC 6052, 2.1) and 2002::/16 (6to4, RFC 3056, 2).
    package static func prefixes(of prefix: Prefix) -> [Prefix] {
        guard prefix.isIPv4, let ipv4 = prefix.address.ipv4 else { return [prefix] }
        let length = prefix.length - 96
        return [
            prefix,
            Prefix(IPAddress(high: 0x0064_ff9b_0000_0000, low: UInt64(ipv4)), length: 96 + length),
            Prefix(IPAddress(high: 0x2002 << 48 | UInt64(ipv4) << 16, low: 0), length: 16 + length),
        ]
    }
}

/// The ports of a node's own services, which hand out power over it or the cluster.
public enum NodePorts {
    /// What users write to switch the guard, and what reports say.
    public static let guardName = "node-ports"

    /// Each row's ports, and what listens there.
    public static let table: [(ports: ClosedRange<UInt16>, purpose: String)] = [
        (10250...10250, "kubelet: run commands in pods, read logs"),
        (10255...10255, "kubelet, read-only"),
        (10256...10256, "kube-proxy: health"),
        (10257...10257, "kube-controller-manager"),
        (10259...10259, "kube-scheduler"),
        (2379...2380, "etcd: clients and peers"),
        (4149...4149, "kubelet: container metrics (cAdvisor)"),
        (9099...9099, "Calico's Felix: health"),
    ]

    public static let ranges = table.map(\.ports)
}
