import PolicyCompiler
package import PolicyModel

/// Events on policies that could not be understood.
///
/// Every node would tell the same, so the Event's name follows from the policy
/// and the message: the first node makes it, the others find it there. Only
/// nodes with a pod in the policy's namespace tell.
package struct PolicyComplaints: Sendable {
    package static let reason = "PolicyNotUnderstood"

    private let node: String
    private var bucket: TokenBucket
    private var messages: [NamespacedName: String] = [:]
    private var reported: [NamespacedName: ContinuousClock.Instant] = [:]
    /// A little above the hour for which API servers keep an Event.
    private let pause = Duration.seconds(3660)

    package init(node: String, at now: Moment = .now) {
        self.node = node
        bucket = TokenBucket(capacity: 10, interval: .seconds(6), at: now.instant)
    }

    /// Takes what is wrong with the source's objects now, in place of what was.
    ///
    /// - Parameter namespaces: those with a pod on this node.
    package mutating func set(_ diagnostics: [Diagnostic], namespaces: Set<String>) {
        var errors: [NamespacedName: [Diagnostic]] = [:]
        for diagnostic in diagnostics where diagnostic.severity == .error {
            guard let policy = diagnostic.reference, policy.kind == .networkPolicy,
                namespaces.contains(policy.namespace)
            else { continue }
            errors[policy.key, default: []].append(diagnostic)
        }
        let new = errors.mapValues(Self.message)
        reported = reported.filter { new[$0.key] != nil && new[$0.key] == messages[$0.key] }
        messages = new
    }

    /// What is to be reported now; to be asked every second or so.
    package mutating func due(at now: Moment) -> [EventWrite] {
        var writes: [EventWrite] = []
        for (policy, message) in messages {
            if let reported = reported[policy], now.instant - reported < pause { continue }
            guard bucket.consume(at: now.instant) else { break }
            reported[policy] = now.instant
            writes.append(EventWrite(event(policy, message, at: now), isNew: true))
        }
        return writes
    }

    private func event(_ policy: NamespacedName, _ message: String, at now: Moment) -> ClusterEvent {
        var identity = StableHash()
        identity.add(policy.description)
        identity.add(message)
        return ClusterEvent(
            about: .networkPolicy(policy), identity: identity.value, .warning, reason: Self.reason,
            message: message, first: now.seconds, last: now.seconds, node: node)
    }

    private static func message(_ diagnostics: [Diagnostic]) -> String {
        let first = diagnostics[0]
        let place = first.field.isEmpty ? "" : "\(first.field): "
        let more = diagnostics.count > 1 ? " (and \(diagnostics.count - 1) more)" : ""
        return "\(place)\(first.message)\(more); what is not understood allows nothing"
    }
}
