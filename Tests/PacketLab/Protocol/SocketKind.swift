/// What `socket(2)` is asked for.
public struct SocketKind: Hashable, Codable, Sendable {
    public enum Family: String, Codable, Sendable {
        case ipv4, ipv6
    }

    public enum Transport: Hashable, Codable, Sendable {
        case tcp
        /// IPPROTO_MPTCP
        case mptcp
        case udp
        /// SOCK_DGRAM with IPPROTO_ICMP or IPPROTO_ICMPV6
        case ping
        /// SOCK_RAW
        case raw(IPProtocol)
    }

    public var family: Family
    public var transport: Transport

    public init(_ family: Family, _ transport: Transport) {
        self.family = family
        self.transport = transport
    }

    public static let tcp4 = SocketKind(.ipv4, .tcp)
    public static let tcp6 = SocketKind(.ipv6, .tcp)
    public static let udp4 = SocketKind(.ipv4, .udp)
    public static let udp6 = SocketKind(.ipv6, .udp)
    public static let mptcp4 = SocketKind(.ipv4, .mptcp)
    public static let mptcp6 = SocketKind(.ipv6, .mptcp)
    public static let ping4 = SocketKind(.ipv4, .ping)
    public static let ping6 = SocketKind(.ipv6, .ping)
}
