/// An IPv4 or IPv6 address as 128 bits in network order.
///
/// IPv4 stands in its IPv4-mapped form `::ffff:0:0/96` (RFC 4291, 2.5.5.2), so
/// that one prefix trie serves both families.
public struct IPAddress: Hashable, Comparable, Sendable {
    /// The leading 64 bits.
    public let high: UInt64
    /// The trailing 64 bits.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The address `a.b.c.d`, given as one number in host order.
    public init(ipv4: UInt32) {
        self.init(high: 0, low: 0xffff_0000_0000 | UInt64(ipv4))
    }

    /// The 32 bits of an IPv4 address in host order; nil for IPv6.
    public var ipv4: UInt32? {
        high == 0 && low >> 32 == 0xffff ? UInt32(truncatingIfNeeded: low) : nil
    }

    public var isIPv4: Bool { ipv4 != nil }

    /// 127.0.0.0/8 (RFC 1122, 3.2.1.3) and ::1 (RFC 4291, 2.5.3).
    public var isLoopback: Bool {
        if let ipv4 { return ipv4 >> 24 == 127 }
        return high == 0 && low == 1
    }

    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// Bit `index`, counted from the leading one (0) to the last (127).
    public func bit(_ index: Int) -> Bool {
        index < 64 ? (high >> UInt64(63 - index)) & 1 == 1 : (low >> UInt64(127 - index)) & 1 == 1
    }

    /// The address with all but its first `length` bits cleared.
    public func masked(to length: Int) -> IPAddress {
        switch length {
        case ...0: IPAddress(high: 0, low: 0)
        case 1..<64: IPAddress(high: high & ~(UInt64.max >> UInt64(length)), low: 0)
        case 64: IPAddress(high: high, low: 0)
        case 65..<128: IPAddress(high: high, low: low & ~(UInt64.max >> UInt64(length - 64)))
        default: self
        }
    }

    /// How many leading bits both addresses share, 0 to 128.
    public func commonPrefixLength(with other: IPAddress) -> Int {
        let difference = high ^ other.high
        return difference != 0
            ? difference.leadingZeroBitCount : 64 + (low ^ other.low).leadingZeroBitCount
    }

    /// The 16 bytes in network order.
    public var bytes: [UInt8] {
        (0..<16).map { index in
            let word = index < 8 ? high : low
            return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index % 8)))
        }
    }

    /// - Parameter bytes: 16 bytes in network order; anything else gives nil.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.init(
            high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}
