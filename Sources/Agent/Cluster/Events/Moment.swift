import Glibc

/// A point in time by two clocks: one that only moves on, for intervals, and the
/// calendar's, for people.
package struct Moment: Hashable, Sendable {
    package var instant: ContinuousClock.Instant
    /// Since 1970.
    package var seconds: Int

    package init(instant: ContinuousClock.Instant, seconds: Int) {
        self.instant = instant
        self.seconds = seconds
    }

    package static var now: Moment { Moment(instant: .now, seconds: time(nil)) }
}
