import PolicyModel

/// When something was seen, to the nanosecond; in JSON RFC 3339 in UTC, for
/// instance `2026-11-21T14:38:16.000000001Z`.
public struct FlowTime: Hashable, Sendable, Comparable {
    /// Since 1970-01-01T00:00:00Z.
    public var nanoseconds: UInt64

    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension FlowTime: CustomStringConvertible, Codable {
    /// - Parameter text: RFC 3339; digits past the ninth of a second are cut off.
    public init?(_ text: String) {
        guard let seconds = Timestamp.rfc3339(text), let seconds = UInt64(exactly: seconds) else { return nil }
        let digits = text.utf8.drop { $0 != UInt8(ascii: ".") }.dropFirst()
            .prefix { (48...57).contains($0) }.prefix(9)
        let fraction = digits.reduce(0) { $0 * 10 + UInt64($1 - 48) }
        let scale = (digits.count..<9).reduce(UInt64(1)) { scale, _ in scale * 10 }
        let (whole, isTooLate) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (nanoseconds, isJustTooLate) = whole.addingReportingOverflow(fraction * scale)
        guard !isTooLate, !isJustTooLate else { return nil }
        self.init(nanoseconds: nanoseconds)
    }

    public var description: String {
        let fraction = String(nanoseconds % 1_000_000_000)
        return Timestamp.text(Int64(nanoseconds / 1_000_000_000)).dropLast()
            + "." + String(repeating: "0", count: 9 - fraction.utf8.count) + fraction + "Z"
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = FlowTime(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a time: \(text)"))
        }
        self = time
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
