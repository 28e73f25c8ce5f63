import PolicyModel

/// From denials, however many, to a few Events: one for each pod, destination and
/// cause, its repeats counted and reported at growing intervals.
///
/// Each pod and the node as a whole have a limited rate; what is above it is
/// counted, and reported when there is room. Namespaces and their workloads take turns in the node's
/// rate, and a pod's first Event has a rate of its own, so that it does not wait for what others
/// have to tell. Memory is bounded: of the workload with the most pods the oldest leave.
package struct EventAggregator: Sendable {
    package struct Limits: Sendable {
        package var podBurst = 3
        package var podInterval = Duration.seconds(60)
        package var nodeBurst = 20
        package var nodeInterval = Duration.seconds(3)
        /// For pods of which nothing was reported yet, where the node's rate is used up.
        package var firstBurst = 20
        package var firstInterval = Duration.milliseconds(100)
        package var pods = 512
        package var denialsPerPod = 16
        /// Before repeats are reported for the first time; doubles each time.
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
        var speaker: EventTurns.Speaker
        var bucket: TokenBucket
        var tallies: [Denial: EventTally] = [:]
        var last: ContinuousClock.Instant
        /// Nothing was reported of it yet.
        var isSilent = true
    }

    private struct Candidate {
        var id: PodID
        var denial: Denial
        var due: ContinuousClock.Instant
    }

    private let node: String
    private let limits: Limits
    private var nodeBucket: TokenBucket
    private var firstBucket: TokenBucket
    private var pods: [PodID: Pod] = [:]
    private var turns = EventTurns()
    /// Something waits for the node's rate: whoever comes now waits for his turn too.
    private var isBehind = false

    package init(node: String, limits: Limits = Limits(), at now: Moment = .now) {
        self.node = node
        self.limits = limits
        nodeBucket = TokenBucket(capacity: limits.nodeBurst, interval: limits.nodeInterval, at: now.instant)
        firstBucket = TokenBucket(capacity: limits.firstBurst, interval: limits.firstInterval, at: now.instant)
    }

    /// How many denials are remembered.
    package var count: Int { pods.values.reduce(0) { $0 + $1.tallies.count } }

    /// - Parameter count: how many packets this stands for.
    /// - Returns: an Event to make at once, if this is a new one and there is room.
    package mutating func add(_ denial: Denial, count: Int = 1, at now: Moment) -> EventWrite? {
        let id = PodID(key: denial.pod, uid: denial.uid)
        var pod = pods.removeValue(forKey: id) ?? newPod(denial, at: now.instant)
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
        pod.tallies[denial] = EventTally(count: count, pause: limits.firstPause, at: now)
        return isBehind ? nil : write(denial, &pod, at: now)
    }

    /// What is to be reported now of what happened before; to be asked every second or so.
    package mutating func due(at now: Moment) -> [EventWrite] {
        forget(at: now.instant)
        let candidates = candidates(at: now.instant)
        let silent = candidates.filter { pods[$0.id]?.isSilent == true }
        let firsts = inTurn(silent, at: now) { $0.nodeBucket.hasToken(at: $1) || $0.firstBucket.hasToken(at: $1) }
        return firsts + inTurn(candidates, at: now) { $0.nodeBucket.hasToken(at: $1) }
    }

    private func candidates(at now: ContinuousClock.Instant) -> [Candidate] {
        pods.flatMap { id, pod in
            pod.tallies.filter { $0.value.isDue(at: now) }.map { Candidate(id: id, denial: $0.key, due: $0.value.due) }
        }
    }

    /// Writes what waits, in turn, while there is room.
    private mutating func inTurn(
        _ candidates: [Candidate], at now: Moment, while hasRoom: (inout Self, ContinuousClock.Instant) -> Bool
    ) -> [EventWrite] {
        var waiting = Dictionary(grouping: candidates) { EventTurns.Speaker($0.denial) }
            .mapValues { $0.sorted { $0.due > $1.due } }
        var writes: [EventWrite] = []
        isBehind = false
        while let speaker = turns.next(of: waiting.keys) {
            guard hasRoom(&self, now.instant) else {
                isBehind = true
                break
            }
            guard let candidate = waiting[speaker]?.popLast() else {
                waiting[speaker] = nil
                continue
            }
            guard var pod = pods.removeValue(forKey: candidate.id) else { continue }
            if let write = write(candidate.denial, &pod, at: now) { writes.append(write) }
            pods[candidate.id] = pod
        }
        return writes
    }

    private mutating func forget(at now: ContinuousClock.Instant) {
        for (id, pod) in pods {
            let live = pod.tallies.filter { now - $0.value.last.instant < limits.memory }
            if live.count < pod.tallies.count { pods[id]?.tallies = live }
            if live.isEmpty { pods[id] = nil }
        }
        turns.keep(Set(pods.values.map(\.speaker)))
    }

    private mutating func newPod(_ denial: Denial, at now: ContinuousClock.Instant) -> Pod {
        if pods.count >= limits.pods { makeRoom() }
        return Pod(
            speaker: EventTurns.Speaker(denial),
            bucket: TokenBucket(capacity: limits.podBurst, interval: limits.podInterval, at: now), last: now)
    }

    private mutating func makeRoom() {
        let sizes = pods.values.reduce(into: [EventTurns.Speaker: Int]()) { $0[$1.speaker, default: 0] += 1 }
        let most = sizes.values.max()
        let oldest = pods.filter { sizes[$0.value.speaker] == most }.min { $0.value.last < $1.value.last }
        if let oldest { pods[oldest.key] = nil }
    }

    /// Nil if the pod or the node has reported enough for now.
    private mutating func write(_ denial: Denial, _ pod: inout Pod, at now: Moment) -> EventWrite? {
        guard var tally = pod.tallies[denial], tally.isDue(at: now.instant), pod.bucket.hasToken(at: now.instant)
        else { return nil }
        guard nodeBucket.consume(at: now.instant) || (pod.isSilent && firstBucket.consume(at: now.instant)) else {
            isBehind = true
            return nil
        }
        _ = pod.bucket.consume(at: now.instant)
        let isNew = tally.isNew
        tally.markReported(at: now.instant, longestPause: limits.longestPause)
        pod.tallies[denial] = tally
        pod.isSilent = false
        turns.recordTurn(pod.speaker)
        return EventWrite(tally.event(denial, node: node), isNew: isNew)
    }
}
