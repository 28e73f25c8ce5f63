import Glibc

/// One `setsockopt(2)`.
public struct SocketOption: Hashable, Codable, Sendable {
    public var level: Int32
    public var name: Int32
    public var value: [UInt8]

    public init(level: Int32, name: Int32, value: [UInt8]) {
        self.level = level
        self.name = name
        self.value = value
    }

    public init(level: Int32, name: Int32, _ number: Int32) {
        self.init(level: level, name: name, value: withUnsafeBytes(of: number) { Array($0) })
    }

    /// IPV6_V6ONLY
    public static func ipv6Only(_ on: Bool) -> SocketOption {
        .init(level: Int32(IPPROTO_IPV6), name: IPV6_V6ONLY, on ? 1 : 0)
    }

    /// IP_OPTIONS: the options as they stand in the header.
    public static func ipOptions(_ bytes: [UInt8]) -> SocketOption {
        .init(level: Int32(IPPROTO_IP), name: IP_OPTIONS, value: bytes)
    }

    /// IP_HDRINCL
    public static let ipv4HeaderIncluded = SocketOption(level: Int32(IPPROTO_IP), name: IP_HDRINCL, 1)
    /// IPV6_HDRINCL
    public static let ipv6HeaderIncluded = SocketOption(
        level: Int32(IPPROTO_IPV6), name: IPV6_HDRINCL, 1)
    /// IP_FREEBIND: an address may be bound that no interface has. Also for IPv6 sockets.
    public static let freeBind = SocketOption(level: Int32(IPPROTO_IP), name: IP_FREEBIND, 1)
    /// SO_REUSEADDR
    public static let reuseAddress = SocketOption(level: SOL_SOCKET, name: SO_REUSEADDR, 1)
    /// SO_REUSEPORT: what arrives is shared out among the sockets of one address.
    public static let reusePort = SocketOption(level: SOL_SOCKET, name: SO_REUSEPORT, 1)
    /// SO_BROADCAST
    public static let broadcast = SocketOption(level: SOL_SOCKET, name: SO_BROADCAST, 1)
    /// SO_LINGER of zero: close sends no FIN.
    public static let abortOnClose = SocketOption(
        level: SOL_SOCKET, name: SO_LINGER, value: [1, 0, 0, 0, 0, 0, 0, 0])

    /// TCP_FASTOPEN on a listener: how many may wait.
    public static func fastOpenQueue(_ length: Int32) -> SocketOption {
        .init(level: Int32(IPPROTO_TCP), name: TCP_FASTOPEN, length)
    }
}
