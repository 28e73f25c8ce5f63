import PolicyModel

/// The header `Retry-After` (RFC 9110, section 10.2.3).
package enum RetryAfter {
    /// More is taken for this: nobody means a pause without end.
    package static let longest: Int64 = 24 * 3600

    /// - Parameters:
    ///   - text: seconds, or a date.
    ///   - now: in seconds since 1970.
    /// - Returns: Nil if it is neither; zero for a date that is over.
    package static func duration(_ text: String, now: Int64) -> Duration? {
        let words = text.split(separator: " ")
        if words.count == 1, words[0].utf8.allSatisfy({ (48...57).contains($0) }) {
            return .seconds(min(Int64(words[0]) ?? longest, longest))
        }
        guard let date = Timestamp.httpDate(text) else { return nil }
        return .seconds(min(max(0, date - now), longest))
    }
}
