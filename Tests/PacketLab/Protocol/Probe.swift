public import PolicyModel

/// One packet to try.
public struct Probe: Hashable, Sendable {
    public var id: Int
    /// The port is ignored where the protocol has none.
    public var to: Endpoint
    public var `protocol`: IPProtocol
    /// The address to send from; nil lets the kernel choose.
    public var source: IPAddress?

    public init(
        id: Int, to: IPAddress, port: UInt16 = 0, protocol: IPProtocol, source: IPAddress? = nil
    ) {
        self.id = id
        self.to = Endpoint(to, port)
        self.protocol = `protocol`
        self.source = source
    }
}

/// Probes for one pod process to send as fast as it can.
public struct ProbeBatch: Codable, Sendable {
    /// How UDP, SCTP and other datagrams are sent.
    public enum Datagrams: String, Codable, Sendable {
        /// A socket for each probe, `sendto`.
        case unconnected
        /// A socket for each probe, `connect` and `send`.
        case connected
        /// One unconnected socket for all probes with the same protocol and source.
        case shared
    }

    public var probes: [Probe]
    public var datagrams: Datagrams
    /// The probe at index i carries `firstTag + i`: TCP and SCTP as the source port, ICMP as the
    /// identifier, anything else as the first two bytes of its payload.
    public var firstTag: UInt16

    public init(_ probes: [Probe], datagrams: Datagrams = .unconnected, firstTag: UInt16 = 20_000) {
        self.probes = probes
        self.datagrams = datagrams
        self.firstTag = firstTag
    }
}

/// As `[id, address, port, protocol]` with the source last, if there is one: batches are long.
extension Probe: Codable {
    public init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        id = try list.decode(Int.self)
        let address = try list.decode(IPAddressText.self).address
        to = Endpoint(address, try list.decode(UInt16.self))
        self.protocol = IPProtocol(rawValue: try list.decode(UInt8.self))
        source = list.isAtEnd ? nil : try list.decode(IPAddressText.self).address
    }

    public func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        try list.encode(id)
        try list.encode(IPAddressText(to.address))
        try list.encode(to.port)
        try list.encode(self.protocol.rawValue)
        if let source { try list.encode(IPAddressText(source)) }
    }
}
