/// The protocols that NetworkPolicy knows (core/v1 `Protocol`), by IANA number.
public enum TransportProtocol: UInt8, CaseIterable, Hashable, Sendable, Comparable, Codable {
    case tcp = 6
    case udp = 17
    case sctp = 132

    public var name: String {
        switch self {
        case .tcp: "TCP"
        case .udp: "UDP"
        case .sctp: "SCTP"
        }
    }

    /// - Parameter name: `TCP`, `UDP` or `SCTP`, in capitals as the API has them.
    public init?(name: String) {
        guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// One entry of a rule's `ports` (networking.k8s.io/v1 `NetworkPolicyPort`).
public struct PolicyPort: Hashable, Sendable {
    public enum Number: Hashable, Sendable {
        /// Every port of the protocol: `port` is absent.
        case any
        /// `port` to `endPort`, or one port.
        case range(ClosedRange<UInt16>)
        /// A container port's name, looked up on the destination pod.
        case named(String)
    }

    public var `protocol`: TransportProtocol
    public var number: Number

    public init(_ protocol: TransportProtocol, _ number: Number) {
        self.protocol = `protocol`
        self.number = number
    }
}

/// A named container port (core/v1 `ContainerPort`).
public struct NamedPort: Hashable, Sendable, Comparable, Codable {
    public var name: String
    public var `protocol`: TransportProtocol
    public var number: UInt16

    public init(name: String, protocol: TransportProtocol, number: UInt16) {
        self.name = name
        self.protocol = `protocol`
        self.number = number
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.name, left.protocol, left.number) < (right.name, right.protocol, right.number)
    }
}
