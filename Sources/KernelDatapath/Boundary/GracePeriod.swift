import CLibbpfShim
import Glibc

/// Waits until no program runs any more that ran before.
enum GracePeriod {
    /// Where membarrier(2) is missing (ENOSYS), refused (EINVAL, with nohz_full)
    /// or no help (one CPU): a time that no program's run comes near.
    private static let fallbackMicroseconds: UInt32 = 50_000

    static func wait() {
        if sluice_grace_period() != 0 { usleep(fallbackMicroseconds) }
    }
}
