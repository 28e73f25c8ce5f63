import Glibc

/// A moment of the monotonic clock.
public struct Deadline: Sendable {
    private let nanoseconds: Int

    public init(afterMs milliseconds: Int) {
        nanoseconds = Self.now + milliseconds * 1_000_000
    }

    /// What is left in milliseconds, rounded up, never negative: an argument for `poll(2)`.
    public var remainingMs: Int32 {
        Int32(clamping: max(0, (nanoseconds - Self.now + 999_999) / 1_000_000))
    }

    public var hasPassed: Bool { Self.now >= nanoseconds }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Waits until a descriptor is ready. False when the time is over.
    public func wait(for descriptor: Int32, events: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let ready = poll(&entry, 1, remainingMs)
            if ready > 0 { return true }
            if ready == 0 || errno != EINTR { return false }
        }
    }
}
