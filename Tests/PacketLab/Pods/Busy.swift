import Glibc
import Synchronization

/// A pod process that is busy with a request while the test goes on.
public final class Busy: Sendable {
    private let outcome = Mutex<Result<Response, any Error>?>(nil)

    public init(_ process: PodProcess, _ request: Request) {
        nonisolated(unsafe) let process = process
        startThread { [self] in
            let result = Result { try process.run(request) as Response }
            outcome.withLock { $0 = result }
        }
    }

    /// The answer, when it is there.
    public func wait() throws -> Response {
        while true {
            if let result = outcome.withLock({ $0 }) { return try result.get() }
            usleep(500)
        }
    }
}
