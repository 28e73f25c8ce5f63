/// A rate limit: so many at once, then one per interval.
package struct TokenBucket: Hashable, Sendable {
    private let capacity: Int
    private let interval: Duration
    private var tokens: Int
    private var countedAt: ContinuousClock.Instant

    package init(capacity: Int, interval: Duration, at now: ContinuousClock.Instant) {
        self.capacity = capacity
        self.interval = interval
        tokens = capacity
        countedAt = now
    }

    package mutating func hasToken(at now: ContinuousClock.Instant) -> Bool {
        let earned = Int(min((now - countedAt) / interval, Double(capacity)))
        if tokens + earned >= capacity {
            tokens = capacity
            countedAt = max(countedAt, now)
        } else if earned > 0 {
            tokens += earned
            countedAt += interval * earned
        }
        return tokens > 0
    }

    /// - Returns: whether there was a token to take.
    package mutating func consume(at now: ContinuousClock.Instant) -> Bool {
        guard hasToken(at: now) else { return false }
        tokens -= 1
        return true
    }
}
