/// Pauses between attempts: twice as long each time, with jitter, so that the
/// nodes of a cluster do not come back all at once.
struct Backoff: Sendable {
    private let first: Duration
    private let longest: Duration
    private var current: Duration

    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
        current = first
    }

    /// - Parameter wanted: what the server asks for, at least.
    mutating func next(atLeast wanted: Duration? = nil) -> Duration {
        let pause = max(current * Double.random(in: 0.5...1), min(wanted ?? .zero, longest))
        current = min(current * 2, longest)
        return pause
    }

    mutating func reset() { current = first }
}
