import AgentAPI
import CLastWords
import FoundationEssentials

/// The agent before this one, for people.
package struct PreviousRun: Hashable, Sendable {
    package var end: RunEnd
    package var last: RunRecord?

    package init(end: RunEnd, last: RunRecord?) {
        self.end = end
        self.last = last
    }

    /// One sentence without a full stop; nil where there is nothing to say.
    package var text: String? {
        guard let last else { return nil }
        let life = "the agent before (process \(last.process), started \(Self.text(last.startedAt)))"
        let seen = "last seen \(Self.text(last.seenAt)) with \(last.resident >> 20) MiB of memory"
        return switch end {
        case .notKnown: nil
        case .stopped: "\(life) was stopped at \(Self.text(last.seenAt))"
        case .signal(let number):
            "\(life) ended by signal \(number) (\(String(cString: sluice_signal_name(number)))), \(seen)"
        case .outOfMemory: "\(life) was killed for want of memory, \(seen)"
        case .reboot: "\(life) ended with the machine's last run, \(seen)"
        case .killed: "\(life) was killed, or ended so that it could not say why, \(seen)"
        }
    }

    /// Whether somebody should look into it.
    package var isTrouble: Bool {
        switch end {
        case .notKnown, .stopped, .reboot: false
        case .signal, .outOfMemory, .killed: true
        }
    }

    private static func text(_ seconds: Int) -> String {
        Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
    }
}
