import Glibc
public import SystemPackage

/// A thread of its own for work that waits in the kernel, which must not hold
/// one of the few threads that Swift's tasks share. C: `pthread_create(3)`.
public enum BackgroundThread {
    private final class Work {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a new thread, detached.
    ///
    /// - Parameter name: shown by `ps -L`; cut to 15 bytes.
    public static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        let work = Unmanaged.passRetained(Work(name: String(name.prefix(15)), body: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                BackgroundThread.setName(work.name)
                work.body()
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw Errno(rawValue: code)
        }
        pthread_detach(thread)
    }

    /// `pthread_setname_np` is hidden without `_GNU_SOURCE`; this is what it writes.
    private static func setName(_ name: String) {
        guard let file = try? FileDescriptor.open("/proc/thread-self/comm", .writeOnly) else { return }
        _ = try? file.closeAfter { try file.writeAll(name.utf8) }
    }
}
