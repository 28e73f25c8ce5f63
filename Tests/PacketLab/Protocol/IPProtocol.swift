public import PolicyModel

/// The number in an IP header's protocol or next-header field.
public struct IPProtocol: RawRepresentable, Hashable, Codable, Sendable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public init(_ transport: TransportProtocol) {
        self.init(rawValue: transport.rawValue)
    }

    public static let icmp = IPProtocol(rawValue: 1)
    public static let tcp = IPProtocol(rawValue: 6)
    public static let udp = IPProtocol(rawValue: 17)
    public static let icmpv6 = IPProtocol(rawValue: 58)
    public static let sctp = IPProtocol(rawValue: 132)

    /// ICMP by the number that the address's family uses for it.
    public func spoken(by address: IPAddress) -> IPProtocol {
        self == .icmp || self == .icmpv6 ? (address.isIPv4 ? .icmp : .icmpv6) : self
    }
}
