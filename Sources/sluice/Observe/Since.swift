import ArgumentParser
import Flows
import Glibc

/// `--since`: how long ago, or when.
struct Since: ExpressibleByArgument, Hashable {
    var time: FlowTime

    /// - Parameter argument: `90s`, `5m`, `1h30m`, `2d`, or RFC 3339.
    init?(argument: String) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        self.init(argument, now: FlowTime(nanoseconds: UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)))
    }

    init?(_ text: String, now: FlowTime) {
        if let time = FlowTime(text) {
            self.time = time
            return
        }
        guard let age = Self.age(text) else { return nil }
        time = FlowTime(nanoseconds: now.nanoseconds > age ? now.nanoseconds - age : 0)
    }

    /// In nanoseconds.
    private static func age(_ text: String) -> UInt64? {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        var total: UInt64 = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber, digits.count < 9 {
                digits.append(character)
            } else {
                guard let unit = units[character], let number = UInt64(digits) else { return nil }
                total += number * unit
                digits = ""
            }
        }
        return text.isEmpty || !digits.isEmpty ? nil : total * 1_000_000_000
    }
}
