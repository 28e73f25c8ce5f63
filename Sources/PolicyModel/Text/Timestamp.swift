/// Points in time as they stand in headers and objects, in whole seconds since
/// 1970-01-01T00:00:00Z.
///
/// `Date.ISO8601FormatStyle` does not serve: it takes text with anything behind it, refuses a lower-case
/// `t` or `z`, counts by the Julian calendar before 1582, and rounds to microseconds.
package enum Timestamp {
    /// RFC 3339 as Kubernetes writes it: `2026-11-21T14:38:16Z`, with or
    /// without a fraction, in UTC or with an offset.
    package static func rfc3339(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == dash, bytes[7] == dash, bytes[10] | 0x20 == UInt8(ascii: "t"),
            bytes[13] == colon, bytes[16] == colon,
            let seconds = seconds(
                year: number(bytes[0..<4]), month: number(bytes[5..<7]), day: number(bytes[8..<10]),
                hour: number(bytes[11..<13]), minute: number(bytes[14..<16]), second: number(bytes[17..<19]))
        else { return nil }
        var zone = bytes[19...]
        if zone.first == UInt8(ascii: ".") {
            zone = zone.dropFirst().drop { (48...57).contains($0) }
        }
        if zone.count == 1, let letter = zone.first, letter | 0x20 == UInt8(ascii: "z") { return seconds }
        let start = zone.startIndex
        guard zone.count == 6, zone[start + 3] == colon, let hours = number(zone[start + 1..<start + 3]),
            let minutes = number(zone[start + 4..<start + 6]), hours < 24, minutes < 60
        else { return nil }
        switch zone[start] {
        case UInt8(ascii: "+"): return seconds - hours * 3600 - minutes * 60
        case dash: return seconds + hours * 3600 + minutes * 60
        default: return nil
        }
    }

    /// The fixed form of HTTP dates (RFC 9110, section 5.6.7):
    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    package static func httpDate(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: words[2]) else { return nil }
        let clock = words[4].split(separator: ":")
        guard clock.count == 3 else { return nil }
        return seconds(
            year: number(words[3].utf8), month: Int64(month + 1), day: number(words[1].utf8),
            hour: number(clock[0].utf8), minute: number(clock[1].utf8), second: number(clock[2].utf8))
    }

    /// The form that Kubernetes writes: `2026-11-21T14:38:16Z`.
    package static func text(_ seconds: Int64) -> String {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let second = seconds - day * 86_400
        let date = date(ofDay: day)
        func digits(_ number: Int64, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        return "\(digits(date.year, 4))-\(digits(date.month, 2))-\(digits(date.day, 2))"
            + "T\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))Z"
    }

    private static let dash = UInt8(ascii: "-")
    private static let colon = UInt8(ascii: ":")
    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func number(_ digits: some Collection<UInt8>) -> Int64? {
        guard (1...4).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }

    /// Days are counted in years that begin in March, so that the leap day is
    /// the last one.
    private static func seconds(
        year: Int64?, month: Int64?, day: Int64?, hour: Int64?, minute: Int64?, second: Int64?
    ) -> Int64? {
        guard let year, let month, let day, let hour, let minute, let second, (1...12).contains(month),
            (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = (month + 9) % 12
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
        let days = marchYear * 365 + leapDays + dayOfYear - 719_468
        return days * 86_400 + hour * 3600 + minute * 60 + second
    }
    /// The inverse of what `seconds` does with a date.
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}
