import CLibbpfShim
import Glibc
import LinuxBase
import SystemPackage

/// The time after which no program runs any more that ran before.
public enum GracePeriod {
    /// Where membarrier(2) is missing (ENOSYS), refused (EINVAL, with nohz_full)
    /// or no help (one CPU): a time that no program's run comes near.
    private static let fallbackMicroseconds: UInt32 = 50_000

    /// Waits for it here.
    static func wait() {
        if sluice_grace_period() != 0 { usleep(fallbackMicroseconds) }
    }

    /// Returns when it has passed. The kernel blocks whoever waits, so a thread of its own does.
    public static func passed() async {
        await withCheckedContinuation { continuation in
            let work: @Sendable () -> Void = {
                wait()
                continuation.resume()
            }
            // No thread to be had: to wait here is better than to leave things for ever.
            do throws(Errno) { try BackgroundThread.start("grace period", work) } catch { work() }
        }
    }
}
