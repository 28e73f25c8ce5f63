import Glibc
public import SystemPackage

/// A thread of its own for work that waits in the kernel, which must not hold
/// one of the few threads that Swift's tasks share. C: `pthread_create(3)`.
///
/// A thread whose handle is dropped is detached: it runs on to the end of its work.
public struct BackgroundThread: ~Copyable, Sendable {
    private final class Work: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private let thread: pthread_t

    private init(_ thread: pthread_t) { self.thread = thread }

    deinit { pthread_detach(thread) }

    /// Runs `body` on a new thread.
    ///
    /// - Parameter name: shown by `ps -L`; cut to 15 bytes.
    @discardableResult
    public static func start(
        _ name: String, _ body: @escaping @Sendable () -> Void
    ) throws(Errno) -> BackgroundThread {
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
        return BackgroundThread(thread)
    }

    /// Waits for the end of the work; not to be called by the work itself. C: `pthread_join(3)`.
    public consuming func join() {
        pthread_join(thread, nil)
        discard self
    }

    /// `pthread_setname_np` is hidden without `_GNU_SOURCE`; this is what it writes.
    private static func setName(_ name: String) {
        guard let file = try? FileDescriptor.open("/proc/thread-self/comm", .writeOnly) else { return }
        _ = try? file.closeAfter { try file.writeAll(name.utf8) }
    }
}
