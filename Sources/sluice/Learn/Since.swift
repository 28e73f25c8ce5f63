import ArgumentParser
import Flows
import PolicyModel

/// `--since`: how long ago, or when.
struct Since: ExpressibleByArgument, Hashable {
    private enum Form: Hashable {
        case ago(nanoseconds: UInt64)
        case at(FlowTime)
    }

    private var form: Form

    /// `90s`, `15m`, `24h`, `7d`; or RFC 3339.
    init?(argument: String) {
        if let time = FlowTime(argument) {
            form = .at(time)
            return
        }
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let last = argument.last, let unit = units[last], let number = UInt64(argument.dropLast()),
            number <= 1_000_000
        else { return nil }
        form = .ago(nanoseconds: number * unit * 1_000_000_000)
    }

    func time(now: FlowTime) -> FlowTime {
        switch form {
        case .at(let time): time
        case .ago(let span): FlowTime(nanoseconds: now.nanoseconds - min(span, now.nanoseconds))
        }
    }
}
