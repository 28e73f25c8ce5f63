import PolicyCompiler

/// Events on this node about rights that the agent's account lacks to read policy.
package struct RightComplaints: Sendable {
    package static let reason = "RightMissing"

    private let node: String
    private var messages: Set<String> = []
    private var reported: [String: ContinuousClock.Instant] = [:]
    /// A new pod's start may come before its role: what is missing for a moment is not reported.
    private var since: [String: ContinuousClock.Instant] = [:]
    private let patience = Duration.seconds(5)
    /// A little above the hour for which API servers keep an Event.
    private let pause = Duration.seconds(3660)

    package init(node: String) { self.node = node }

    /// Takes which rights are missing now, in place of those that were.
    package mutating func set(_ messages: [String], at now: Moment = .now) {
        self.messages = Set(messages)
        reported = reported.filter { self.messages.contains($0.key) }
        since = since.filter { self.messages.contains($0.key) }
        for message in messages where since[message] == nil { since[message] = now.instant }
    }

    /// What is to be reported now; to be asked every second or so.
    package mutating func due(at now: Moment) -> [EventWrite] {
        var writes: [EventWrite] = []
        for message in messages.sorted() {
            if let since = since[message], now.instant - since < patience { continue }
            if let reported = reported[message], now.instant - reported < pause { continue }
            reported[message] = now.instant
            var identity = StableHash()
            identity.add(message)
            let event = ClusterEvent(
                about: .node(node), identity: identity.value, .warning, reason: Self.reason, message: message,
                first: now.seconds, last: now.seconds, node: node)
            writes.append(EventWrite(event, isNew: true))
        }
        return writes
    }
}
