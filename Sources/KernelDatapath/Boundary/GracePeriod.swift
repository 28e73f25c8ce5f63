import CLibbpfShim
import Glibc

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
        await withCheckedContinuation { Waiter($0).start() }
    }

    private final class Waiter: Sendable {
        private let continuation: CheckedContinuation<Void, Never>

        init(_ continuation: CheckedContinuation<Void, Never>) { self.continuation = continuation }

        func start() {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(self)
            let result = pthread_create(
                &thread, nil,
                { context in
                    Unmanaged<Waiter>.fromOpaque(context!).takeRetainedValue().run()
                    return nil
                }, context.toOpaque())
            if result == 0 {
                pthread_detach(thread)
            } else {
                // No thread to be had: to wait here is better than to leave things for ever.
                context.release()
                run()
            }
        }

        private func run() {
            GracePeriod.wait()
            continuation.resume()
        }
    }
}
