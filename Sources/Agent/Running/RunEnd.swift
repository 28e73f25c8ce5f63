import AgentAPI

/// How the agent before this one ended.
package enum RunEnd: Hashable, Sendable {
    /// There was none, or it wrote nothing down.
    case notKnown
    case stopped
    case signal(Int32)
    case outOfMemory
    case reboot
    /// By SIGKILL, or so that it could not say.
    case killed

    package static let names = ["not_known", "stopped", "signal", "out_of_memory", "reboot", "killed"]

    /// For metrics.
    package var name: String {
        switch self {
        case .notKnown: "not_known"
        case .stopped: "stopped"
        case .signal: "signal"
        case .outOfMemory: "out_of_memory"
        case .reboot: "reboot"
        case .killed: "killed"
        }
    }

    /// - Parameters:
    ///   - last: what it wrote down; nil if nothing is there.
    ///   - words: of the handler of fatal signals: lines of a signal's number and a time.
    ///   - now: the same of this agent.
    package init(_ last: RunRecord?, words: String, now: RunRecord) {
        let signal = words.split(separator: "\n").first?.split(separator: " ").first.flatMap { Int32($0) }
        if let last, last.hasStopped {
            self = .stopped
        } else if last != nil, let signal {
            self = .signal(signal)
        } else if let last {
            let isOutOfMemory = last.memoryKills.contains { path, count in (now.memoryKills[path] ?? 0) > count }
            self = last.boot != now.boot ? .reboot : isOutOfMemory ? .outOfMemory : .killed
        } else {
            self = .notKnown
        }
    }
}
