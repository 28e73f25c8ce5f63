import PolicyModel

/// From denials, however many, to a few Events: one for each pod, destination and
/// cause, its repeats counted and told at growing intervals.
///
/// Each pod and the node as a whole have a limited rate; what is above it is
/// counted, and told when there is room. Memory is bounded: the oldest leave.
package struct EventAggregator: Sendable {
    package struct Limits: Sendable {
        package var podBurst = 3
        package var podInterval = Duration.seconds(60)
        package var nodeBurst = 20
        package var nodeInterval = Duration.seconds(3)
        package var pods = 512
        package var denialsPerPod = 16
        /// Before repeats are told for the first time; doubles each time.
        package var firstPause = Duration.seconds(60)
        /// Below the hour for which API servers keep an Event (`--event-ttl`).
        package var longestPause = Duration.seconds(1800)
        /// What has not happened for so long is forgotten.
        package var memory = Duration.seconds(3600)

        package init() {}
    }

    private struct PodID: Hashable {
        var key: NamespacedName
        var uid: String
    }

    private struct Pod {
        var bucket: TokenBucket
        var tallies: [Denial: EventTally] = [:]
        var last: ContinuousClock.Instant
    }

    private let node: String
    private let limits: Limits
    private var nodeBucket: TokenBucket
    private var pods: [PodID: Pod] = [:]

    package init(node: String, limits: Limits = Limits(), at now: Moment = .now) {
        self.node = node
        self.limits = limits
        nodeBucket = TokenBucket(capacity: limits.nodeBurst, interval: limits.nodeInterval, at: now.instant)
    }

    /// How many denials are remembered.
    package var count: Int { pods.values.reduce(0) { $0 + $1.tallies.count } }

    /// - Parameter count: how many packets this stands for.
    /// - Returns: an Event to make at once, if this is a new one and there is room.
    package mutating func take(_ denial: Denial, count: Int = 1, at now: Moment) -> EventWrite? {
        let id = PodID(key: denial.pod, uid: denial.uid)
        var pod = pods.removeValue(forKey: id) ?? newPod(at: now.instant)
        pod.last = now.instant
        defer { pods[id] = pod }
        if pod.tallies[denial] != nil {
            pod.tallies[denial]?.add(count, at: now)
            return nil
        }
        if pod.tallies.count >= limits.denialsPerPod,
            let oldest = pod.tallies.min(by: { $0.value.last.instant < $1.value.last.instant })
        {
            pod.tallies[oldest.key] = nil
        }
        var tally = EventTally(count: count, pause: limits.firstPause, at: now)
        defer { pod.tallies[denial] = tally }
        return write(denial, &tally, &pod.bucket, at: now)
    }

    /// What is to be told now of what happened before, the longest due first; to
    /// be asked every second or so.
    package mutating func due(at now: Moment) -> [EventWrite] {
        forget(at: now.instant)
        let due = pods.flatMap { id, pod in
            pod.tallies.filter { $0.value.isDue(at: now.instant) }.map { (id, $0.key, $0.value.due) }
        }
        var writes: [EventWrite] = []
        for (id, denial, _) in due.sorted(by: { $0.2 < $1.2 }) {
            guard nodeBucket.hasToken(at: now.instant) else { break }
            guard var pod = pods.removeValue(forKey: id) else { continue }
            if var tally = pod.tallies[denial] {
                if let write = write(denial, &tally, &pod.bucket, at: now) { writes.append(write) }
                pod.tallies[denial] = tally
            }
            pods[id] = pod
        }
        return writes
    }

    private mutating func forget(at now: ContinuousClock.Instant) {
        for (id, pod) in pods {
            let live = pod.tallies.filter { now - $0.value.last.instant < limits.memory }
            if live.count < pod.tallies.count { pods[id]?.tallies = live }
            if live.isEmpty { pods[id] = nil }
        }
    }

    private mutating func newPod(at now: ContinuousClock.Instant) -> Pod {
        if pods.count >= limits.pods, let oldest = pods.min(by: { $0.value.last < $1.value.last }) {
            pods[oldest.key] = nil
        }
        return Pod(
            bucket: TokenBucket(capacity: limits.podBurst, interval: limits.podInterval, at: now), last: now)
    }

    /// Nil if the pod or the node has told enough for now.
    private mutating func write(
        _ denial: Denial, _ tally: inout EventTally, _ bucket: inout TokenBucket, at now: Moment
    ) -> EventWrite? {
        guard bucket.hasToken(at: now.instant), nodeBucket.take(at: now.instant),
            bucket.take(at: now.instant)
        else { return nil }
        let isNew = tally.isNew
        tally.told(at: now.instant, longestPause: limits.longestPause)
        return EventWrite(tally.event(denial, node: node), isNew: isNew)
    }
}
