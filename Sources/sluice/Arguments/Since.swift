import ArgumentParser
import Flows

/// `--since`: how long ago, or when.
struct Since: ExpressibleByArgument, Hashable {
    var time: FlowTime

    /// - Parameter argument: `90s`, `5m`, `1h30m`, `2d`, or RFC 3339.
    init?(argument: String) {
        self.init(argument, now: .now)
    }

    init?(_ text: String, now: FlowTime) {
        if let time = FlowTime(text) {
            self.time = time
            return
        }
        guard let age = Self.age(text) else { return nil }
        time = FlowTime(nanoseconds: now.nanoseconds > age ? now.nanoseconds - age : 0)
    }

    /// In nanoseconds; at most a hundred years.
    private static func age(_ text: String) -> UInt64? {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let longest: UInt64 = 100 * 366 * 86_400
        var total: UInt64 = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber, digits.count < 6 {
                digits.append(character)
            } else {
                guard let unit = units[character], let number = UInt64(digits) else { return nil }
                total = min(total + number * unit, longest)
                digits = ""
            }
        }
        return text.isEmpty || !digits.isEmpty ? nil : total * 1_000_000_000
    }
}
