import Glibc
import PacketLab
import Synchronization

/// A pod process that is busy with a request while the test goes on.
final class Busy: Sendable {
    private let outcome = Mutex<Result<Response, any Error>?>(nil)

    init(_ process: PodProcess, _ request: Request) {
        nonisolated(unsafe) let process = process
        startThread { [self] in
            let result = Result { try process.run(request) as Response }
            outcome.withLock { $0 = result }
        }
    }

    /// The answer, when it is there.
    func wait() throws -> Response {
        while true {
            if let result = outcome.withLock({ $0 }) { return try result.get() }
            usleep(500)
        }
    }
}

/// Runs a body again and again on a thread of its own until told to stop.
final class Repeating: Sendable {
    private let state = Mutex((stop: false, rounds: 0, failure: (any Error)?.none, ended: false))

    init(_ body: @escaping () throws -> Void) {
        nonisolated(unsafe) let body = body
        startThread { [self] in
            do {
                while !state.withLock({ $0.stop }) {
                    try body()
                    state.withLock { $0.rounds += 1 }
                }
            } catch {
                state.withLock { $0.failure = error }
            }
            state.withLock { $0.ended = true }
        }
    }

    /// - Returns: how often it ran.
    @discardableResult
    func stop() throws -> Int {
        state.withLock { $0.stop = true }
        while !state.withLock({ $0.ended }) { usleep(500) }
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.rounds
        }
    }
}
