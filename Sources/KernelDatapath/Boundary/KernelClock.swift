import Glibc

/// The clock that programs stamp with (bpf_ktime_get_ns: CLOCK_MONOTONIC).
public enum KernelClock {
    /// Nanoseconds, as bpf_ktime_get_ns() would say now.
    public static func now() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// When that was, in nanoseconds since 1970.
    ///
    /// Clocks that were set since then shift the answer; it is as good as a
    /// log's timestamp needs.
    public static func wallClock(of time: UInt64) -> UInt64 {
        let offset = read(CLOCK_REALTIME) &- read(CLOCK_MONOTONIC)
        return time &+ offset
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
