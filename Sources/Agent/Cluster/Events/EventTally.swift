import PolicyCompiler
import VerdictTables

/// How often one thing happened, and what of it has been reported.
struct EventTally: Hashable, Sendable {
    private var count: Int
    private var reported = 0
    private var pause: Duration
    private let first: Moment
    private(set) var last: Moment
    /// When news may be reported.
    private(set) var due: ContinuousClock.Instant

    init(count: Int, pause: Duration, at now: Moment) {
        self.count = count
        self.pause = pause
        first = now
        last = now
        due = now.instant
    }

    /// Nothing of it has been reported.
    var isNew: Bool { reported == 0 }

    func isDue(at now: ContinuousClock.Instant) -> Bool { count > reported && due <= now }

    mutating func add(_ more: Int, at now: Moment) {
        count += more
        last = now
    }

    mutating func markReported(at now: ContinuousClock.Instant, longestPause: Duration) {
        reported = count
        due = now + pause
        pause = min(pause * 2, longestPause)
    }

    func event(_ denial: Denial, node: String) -> ClusterEvent {
        var identity = StableHash()
        for part in [node, denial.uid, denial.reason.rawValue, denial.destination, denial.cause] {
            identity.add(part)
        }
        // Another agent's Event of the same, from before a restart, stays as it is.
        identity.add(UInt64(max(0, first.seconds)))
        return ClusterEvent(
            about: .pod(denial.pod, uid: denial.uid), identity: identity.value,
            denial.reason == .egressAudited ? .normal : .warning, reason: denial.reason.rawValue,
            message: denial.message, count: count, first: first.seconds, last: last.seconds, node: node)
    }
}
