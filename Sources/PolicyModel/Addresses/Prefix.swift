/// A block of addresses: the first `length` bits of `address` are given.
///
/// Lengths count in the 128-bit form, so that IPv4 `10.0.0.0/8` has length 104.
public struct Prefix: Hashable, Comparable, Sendable {
    /// The first address of the block; bits past `length` are zero.
    public let address: IPAddress
    /// 0 to 128.
    public let length: Int

    /// The block of `length` bits that holds `address`. Host bits are cleared.
    ///
    /// - Precondition: `length` is 0 to 128.
    public init(_ address: IPAddress, length: Int) {
        precondition((0...128).contains(length))
        self.address = address.masked(to: length)
        self.length = length
    }

    /// The block of one address, /32 or /128.
    public init(host address: IPAddress) {
        self.init(address, length: 128)
    }

    /// Whether the address lies in the block. A block of IPv6 holds no IPv4
    /// address, though `::/0` has the bits of every mapped one.
    public func contains(_ other: IPAddress) -> Bool {
        other.masked(to: length) == address && (length >= 96 || !other.isIPv4)
    }

    /// Whether every address of the other block lies in this one.
    public func contains(_ other: Prefix) -> Bool {
        length <= other.length && other.address.masked(to: length) == address
            && isIPv4 == other.isIPv4
    }

    public var isIPv4: Bool { length >= 96 && address.isIPv4 }

    /// In address order; a block comes before the blocks that it contains.
    public static func < (left: Prefix, right: Prefix) -> Bool {
        (left.address, left.length) < (right.address, right.length)
    }
}

extension Prefix: LosslessStringConvertible {
    /// Reads `address/length`, for instance `10.0.0.0/8` or `fd00::/8`.
    ///
    /// Host bits may be set and are cleared, as Kubernetes does with stored
    /// objects. A length with a sign or a leading zero is refused.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0]),
            (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            parts[1] == "0" || parts[1].first != "0", let length = Int(parts[1])
        else { return nil }
        // What was written decides the family: ::ffff:0.0.0.0/96 is an IPv6 text.
        let dotted = !parts[0].utf8.contains(UInt8(ascii: ":"))
        guard length <= (dotted ? 32 : 128) else { return nil }
        self.init(address, length: dotted ? length + 96 : length)
    }

    /// Reads `address/length`, or an address for the block that holds it alone.
    public init?(addressOrBlock text: String) {
        guard let prefix = Prefix(text) ?? IPAddress(text).map(Prefix.init(host:)) else { return nil }
        self = prefix
    }

    public var description: String {
        isIPv4 ? "\(address)/\(length - 96)" : "\(address)/\(length)"
    }
}
