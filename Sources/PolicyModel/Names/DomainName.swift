/// A domain name as DNS messages have it: in lower case and without the final dot,
/// as neither tells names apart (RFC 1035, section 2.3.3; RFC 4343).
public struct DomainName: Hashable, Comparable, Sendable {
    /// The most characters, without the final dot (RFC 1035, section 2.3.4).
    public static let longest = 253
    /// The most characters between two dots.
    public static let longestLabel = 63

    private let text: String

    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    /// Whether it is one or more whole labels below the other.
    public func isBelow(_ domain: DomainName) -> Bool { text.hasSuffix("." + domain.text) }

    /// For instance 3 for `api.example.com`.
    public var labelCount: Int { text.utf8.count { $0 == UInt8(ascii: ".") } + 1 }
}

extension DomainName: LosslessStringConvertible {
    /// Reads a name in any case, with or without a final dot. Labels are of letters,
    /// digits, `-` and `_`; names in other scripts are written in Punycode.
    public init?(_ text: String) {
        // Some letters of other scripts have one of ASCII's in lower case.
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        var text = text.lowercased()
        if text.hasSuffix(".") { text.removeLast() }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.longest, labels.allSatisfy(Self.isLabel) else { return nil }
        self.text = text
    }

    public var description: String { text }

    private static func isLabel(_ label: Substring.UTF8View.SubSequence) -> Bool {
        (1...longestLabel).contains(label.count)
            && label.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || "-_".utf8.contains($0) }
    }
}
