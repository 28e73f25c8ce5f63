public import PolicyModel

/// What a packet on the wire says of itself.
public struct CapturedPacket: Hashable, Sendable {
    public var source: IPAddress
    public var destination: IPAddress
    /// The protocol past all extension headers; 44 for a later fragment of IPv6.
    public var `protocol`: IPProtocol
    /// The ports, where the protocol has some and this fragment holds them.
    public var sourcePort: UInt16?
    public var destinationPort: UInt16?
    /// The flags byte of TCP.
    public var tcpFlags: TCPFlags = []
    /// Type of ICMP and ICMPv6.
    public var icmpType: UInt8?
    public var isFragment = false
    /// The number by which its probe is known; see ``ProbeBatch/firstTag``.
    public var tag: UInt16?
    /// Length by the IP header.
    public var length: Int
}

/// The flags of a TCP header.
public struct TCPFlags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let fin = TCPFlags(rawValue: 1)
    public static let syn = TCPFlags(rawValue: 2)
    public static let reset = TCPFlags(rawValue: 4)
    public static let ack = TCPFlags(rawValue: 16)
}

extension CapturedPacket {
    /// Reads an IPv4 or IPv6 packet, of which the end may be cut off.
    ///
    /// - Returns: nil where the header itself is incomplete.
    public init?(ipPacket bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.first else { return nil }
        switch first >> 4 {
        case 4: self.init(ipv4: bytes)
        case 6: self.init(ipv6: bytes)
        default: return nil
        }
    }

    private init?(ipv4 bytes: UnsafeRawBufferPointer) {
        let header = Int(bytes[0] & 15) * 4
        guard header >= 20, bytes.count >= header else { return nil }
        let fragment = bytes.number16(6)
        self.init(
            source: IPAddress(ipv4: bytes.number32(12)),
            destination: IPAddress(ipv4: bytes.number32(16)),
            protocol: IPProtocol(rawValue: bytes[9]), length: Int(bytes.number16(2)))
        isFragment = fragment & 0x3fff != 0
        if fragment & 0x1fff == 0 { readTransport(bytes.from(header)) }
    }

    private init?(ipv6 bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 40, let source = IPAddress(bytes: bytes[8..<24]),
            let destination = IPAddress(bytes: bytes[24..<40])
        else { return nil }
        self.init(
            source: source, destination: destination, protocol: IPProtocol(rawValue: bytes[6]),
            length: Int(bytes.number16(4)) + 40)
        var offset = 40
        // Hop-by-hop, routing, fragment, destination options (RFC 8200, 4).
        while [0, 43, 44, 60].contains(self.protocol.rawValue), bytes.count >= offset + 8 {
            if self.protocol.rawValue == 44 {
                isFragment = true
                if bytes.number16(offset + 2) & 0xfff8 != 0 { return }
            }
            let length = self.protocol.rawValue == 44 ? 8 : Int(bytes[offset + 1]) * 8 + 8
            self.protocol = IPProtocol(rawValue: bytes[offset])
            offset += length
        }
        readTransport(bytes.from(offset))
    }

    private mutating func readTransport(_ bytes: UnsafeRawBufferPointer) {
        switch self.protocol {
        case .tcp, .udp, .sctp:
            guard bytes.count >= 4 else { return }
            sourcePort = bytes.number16(0)
            destinationPort = bytes.number16(2)
            tag = sourcePort
            if self.protocol == .tcp, bytes.count >= 14 { tcpFlags = TCPFlags(rawValue: bytes[13]) }
            if self.protocol == .udp { tag = bytes.count >= 10 ? bytes.number16(8) : nil }
        case .icmp, .icmpv6:
            guard bytes.count >= 6 else { return }
            icmpType = bytes[0]
            if isEchoRequest { tag = bytes.number16(4) }
        default:
            if bytes.count >= 2 { tag = bytes.number16(0) }
        }
    }

    /// Whether it is an ICMP or ICMPv6 echo request.
    public var isEchoRequest: Bool {
        icmpType == (self.protocol == .icmp ? 8 : 128)
    }

    /// Whether it belongs to neighbour discovery or multicast listening (RFC 4861, 2710, 3810),
    /// which the kernel sends by itself.
    var isHousekeeping: Bool {
        guard self.protocol == .icmpv6, let icmpType else { return false }
        return (130...137).contains(icmpType) || icmpType == 143
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func number16(_ offset: Int) -> UInt16 {
        UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
    }

    fileprivate func number32(_ offset: Int) -> UInt32 {
        UInt32(number16(offset)) << 16 | UInt32(number16(offset + 2))
    }

    fileprivate func from(_ offset: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[Swift.min(offset, count)...])
    }
}
