/// How long to wait, with chance in it, so that the agents of a cluster do not
/// come all at once.
struct ReflectorTiming: Sendable {
    private var random: any RandomNumberGenerator & Sendable

    init(random: any RandomNumberGenerator & Sendable) {
        self.random = random
    }

    /// Exponential with full jitter: up to 0.5 s at first, up to 30 s in the end.
    /// Not less than what the server asks for, within five minutes.
    mutating func backoff(attempt: Int, atLeast floor: Duration? = nil) -> Duration {
        let ceiling = min(30, 0.5 * Double(1 << min(attempt, 10)))
        let pause = seconds(in: 0...ceiling)
        guard let floor else { return pause }
        return max(pause, min(floor, .seconds(300)) + seconds(in: 0...1))
    }

    /// Between questions whose answer is not about to change by itself: about 30 s.
    mutating func slow() -> Duration { seconds(in: 25...35) }

    /// Between two looks at whether a resource is really gone.
    mutating func confirmation() -> Duration { seconds(in: 4...6) }

    /// Of a watch, for its `timeoutSeconds`.
    mutating func watchSeconds() -> Int { Int.random(in: 300...600, using: &random) }

    private mutating func seconds(in range: ClosedRange<Double>) -> Duration {
        .seconds(Double.random(in: range, using: &random))
    }
}
