public import PolicyModel

/// How often each address was seen, within a bound: where too many are seen,
/// those of the larger family are counted by ever shorter prefixes.
public struct AddressTally: Hashable, Sendable {
    /// More prefixes than this are never kept.
    public static let capacity = 64

    /// Lengths in the 128-bit form: /32, /24, /16, /8 and /0 of IPv4.
    private static let ladder4 = [128, 120, 112, 104, 96]
    private static let ladder6 = [128, 64, 48, 32, 0]

    public private(set) var counts: [Prefix: UInt64] = [:]
    private var length4 = 128
    private var length6 = 128

    public init() {}

    public init(_ counts: some Sequence<(Prefix, UInt64)>) {
        for (prefix, count) in counts { add(prefix, count) }
    }

    public mutating func add(_ address: IPAddress, _ count: UInt64 = 1) { add(Prefix(host: address), count) }

    public mutating func add(_ prefix: Prefix, _ count: UInt64) {
        if prefix.isIPv4 {
            while prefix.length < length4, widen4() {}
        } else {
            while prefix.length < length6, widen6() {}
        }
        increment(prefix, count)
        while counts.count > Self.capacity {
            let ipv4 = counts.keys.count(where: \.isIPv4)
            guard ipv4 * 2 > counts.count ? widen4() : widen6() else { return }
        }
    }

    public mutating func merge(_ other: AddressTally) {
        for (prefix, count) in other.counts { add(prefix, count) }
    }

    /// The prefixes in address order.
    public var prefixes: [Prefix] { counts.keys.sorted() }

    /// The single addresses that are known, in order.
    public var addresses: [IPAddress] { prefixes.filter { $0.length == 128 }.map(\.address) }

    private mutating func increment(_ prefix: Prefix, _ count: UInt64) {
        let kept = Prefix(prefix.address, length: min(prefix.length, prefix.isIPv4 ? length4 : length6))
        counts[kept] = (counts[kept] ?? 0).addingClamped(count)
    }

    /// - Returns: false if nothing shorter is left.
    private mutating func widen4() -> Bool {
        guard let next = Self.ladder4.first(where: { $0 < length4 }) else { return false }
        length4 = next
        recount()
        return true
    }

    private mutating func widen6() -> Bool {
        guard let next = Self.ladder6.first(where: { $0 < length6 }) else { return false }
        length6 = next
        recount()
        return true
    }

    private mutating func recount() {
        let before = counts
        counts = [:]
        for (prefix, count) in before { increment(prefix, count) }
    }
}

extension UInt64 {
    /// A sum that stays at the highest number instead of passing it.
    func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
