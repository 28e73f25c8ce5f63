import Glibc
import Synchronization

/// Runs a body again and again on a thread of its own until told to stop.
public final class Repeating: Sendable {
    private let state = Mutex((stop: false, rounds: 0, failure: (any Error)?.none, ended: false))

    public init(_ body: @escaping () throws -> Void) {
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
    public func stop() throws -> Int {
        state.withLock { $0.stop = true }
        while !state.withLock({ $0.ended }) { usleep(500) }
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.rounds
        }
    }
}
