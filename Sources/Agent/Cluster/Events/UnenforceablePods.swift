import AgentAPI
import PolicyCompiler
package import PolicyModel

/// Events on pods whose packets meet no verdict: one for each, again when API servers have forgotten it.
///
/// The Event's name follows from the pod and the reason, so that an agent that starts again finds it there.
package struct UnenforceablePods: Sendable {
    package static let reason = "NotEnforced"

    private struct PodID: Hashable {
        var key: NamespacedName
        var uid: String
    }

    private let node: String
    private var bucket: TokenBucket
    private var reasons: [PodID: String] = [:]
    private var reported: [PodID: ContinuousClock.Instant] = [:]
    /// A little above the hour for which API servers keep an Event.
    private let pause = Duration.seconds(3660)

    package init(node: String, at now: Moment = .now) {
        self.node = node
        bucket = TokenBucket(capacity: 10, interval: .seconds(6), at: now.instant)
    }

    /// Takes which there are now, in place of what was.
    package mutating func set(_ pods: [(key: NamespacedName, uid: String, reason: String)]) {
        let new = Dictionary(
            pods.map { (PodID(key: $0.key, uid: $0.uid), $0.reason) }, uniquingKeysWith: { first, _ in first })
        guard new != reasons else { return }
        reported = reported.filter { new[$0.key] != nil && new[$0.key] == reasons[$0.key] }
        reasons = new
    }

    /// What is to be reported now; to be asked every second or so.
    package mutating func due(at now: Moment) -> [EventWrite] {
        var writes: [EventWrite] = []
        for (pod, reason) in reasons {
            if let reported = reported[pod], now.instant - reported < pause { continue }
            guard bucket.consume(at: now.instant) else { break }
            reported[pod] = now.instant
            writes.append(EventWrite(event(pod, reason, at: now), isNew: true))
        }
        return writes
    }

    private func event(_ pod: PodID, _ reason: String, at now: Moment) -> ClusterEvent {
        var identity = StableHash()
        identity.add(pod.uid)
        identity.add(reason)
        return ClusterEvent(
            about: .pod(pod.key, uid: pod.uid), identity: identity.value, .warning, reason: Self.reason,
            message: "neither policies nor guards reach this pod's traffic. \(reason)", first: now.seconds,
            last: now.seconds, node: node)
    }
}
