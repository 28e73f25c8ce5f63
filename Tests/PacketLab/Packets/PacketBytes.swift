public import PolicyModel

/// Packets and parts of packets built by hand.
public enum PacketBytes {
    /// An IPv4 header (RFC 791) with its checksum, then the payload.
    ///
    /// - Parameters:
    ///   - options: padded by the caller to a multiple of four bytes.
    ///   - fragmentOffset: in bytes, a multiple of eight.
    public static func ipv4(
        from source: IPAddress, to destination: IPAddress, protocol: IPProtocol,
        options: [UInt8] = [], identification: UInt16 = 0, fragmentOffset: Int = 0,
        moreFragments: Bool = false, payload: [UInt8]
    ) -> [UInt8] {
        let length = 20 + options.count + payload.count
        let fragment = UInt16(fragmentOffset / 8) | (moreFragments ? 0x2000 : 0)
        var header: [UInt8] = [0x40 | UInt8((20 + options.count) / 4), 0]
        header += big(UInt16(length)) + big(identification) + big(fragment)
        header += [64, `protocol`.rawValue, 0, 0]
        header += source.bytes.suffix(4) + destination.bytes.suffix(4) + options
        header.replaceSubrange(10..<12, with: big(checksum(header)))
        return header + payload
    }

    /// An IPv6 header (RFC 8200), then the payload, which starts with any extension headers.
    public static func ipv6(
        from source: IPAddress, to destination: IPAddress, nextHeader: IPProtocol, payload: [UInt8]
    ) -> [UInt8] {
        [0x60, 0, 0, 0] + big(UInt16(payload.count)) + [nextHeader.rawValue, 64]
            + source.bytes + destination.bytes + payload
    }

    /// A fragment header of IPv6 (RFC 8200, 4.5).
    public static func fragmentHeader(
        nextHeader: IPProtocol, offset: Int, more: Bool, identification: UInt32
    ) -> [UInt8] {
        [nextHeader.rawValue, 0] + big(UInt16(offset) | (more ? 1 : 0)) + big(identification)
    }

    /// A destination-options header of eight bytes, all padding (RFC 8200, 4.6).
    public static func destinationOptions(nextHeader: IPProtocol) -> [UInt8] {
        [nextHeader.rawValue, 0, 1, 4, 0, 0, 0, 0]
    }

    /// UDP without checksum for IPv4; with the right one for IPv6, which demands it.
    public static func udp(
        from source: Endpoint, to destination: Endpoint, payload: [UInt8]
    ) -> [UInt8] {
        let length = big(UInt16(8 + payload.count))
        var bytes = big(source.port) + big(destination.port) + length + [0, 0] + payload
        if !destination.address.isIPv4 {
            let sum = pseudoChecksum(source, destination, .udp, bytes)
            bytes.replaceSubrange(6..<8, with: big(sum == 0 ? 0xffff : sum))
        }
        return bytes
    }

    /// A TCP header without options or data, checksum included.
    public static func tcp(
        from source: Endpoint, to destination: Endpoint, flags: TCPFlags, sequence: UInt32 = 1
    ) -> [UInt8] {
        var bytes = big(source.port) + big(destination.port) + big(sequence) + big(UInt32(0))
        bytes += [0x50, flags.rawValue, 0xff, 0xff, 0, 0, 0, 0]
        bytes.replaceSubrange(16..<18, with: big(pseudoChecksum(source, destination, .tcp, bytes)))
        return bytes
    }

    /// An SCTP packet with an INIT chunk (RFC 9260, 3.3.2).
    public static func sctpInit(from source: UInt16, to destination: UInt16) -> [UInt8] {
        var bytes = big(source) + big(destination) + big(UInt32(0)) + big(UInt32(0))
        bytes += [1, 0] + big(UInt16(20))
        bytes += big(UInt32(0x5107_ce01)) + big(UInt32(65_535)) + big(UInt16(10)) + big(UInt16(10))
        bytes += big(UInt32(1))
        // RFC 9260, appendix A: the CRC goes out with its lowest byte first.
        let sum = crc32c(bytes)
        bytes.replaceSubrange(8..<12, with: (0..<4).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) })
        return bytes
    }

    /// An ICMP or ICMPv6 echo request. The kernel fills in ICMPv6's checksum.
    public static func echoRequest(ipv4: Bool, identifier: UInt16, sequence: UInt16 = 1) -> [UInt8] {
        var bytes = [ipv4 ? 8 : 128, 0, 0, 0] + big(identifier) + big(sequence)
        if ipv4 { bytes.replaceSubrange(2..<4, with: big(checksum(bytes))) }
        return bytes
    }

    /// The internet checksum (RFC 1071).
    public static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            let low = index + 1 < bytes.count ? bytes[index + 1] : 0
            sum += UInt32(bytes[index]) << 8 | UInt32(low)
        }
        while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
        return ~UInt16(sum)
    }

    private static func pseudoChecksum(
        _ source: Endpoint, _ destination: Endpoint, _ number: IPProtocol, _ bytes: [UInt8]
    ) -> UInt16 {
        let size = destination.address.isIPv4 ? 4 : 16
        var sum = Array(source.address.bytes.suffix(size))
        sum += destination.address.bytes.suffix(size)
        sum += big(UInt32(bytes.count)) + big(UInt32(number.rawValue))
        return checksum(sum + bytes)
    }

    private static func crc32c(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82f6_3b78 : sum >> 1 }
        }
        return ~sum
    }

    /// The bytes in network order.
    public static func big(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
