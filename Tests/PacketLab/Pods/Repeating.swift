import Glibc
import Synchronization

/// Runs a body again and again on a thread of its own until told to stop.
public final class Repeating: Sendable {
    private struct State {
        var stop = false
        var pause = false
        var isPaused = false
        var rounds = 0
        var failure: (any Error)?
        var ended = false
    }

    private let state = Mutex(State())

    public init(_ body: @escaping () throws -> Void) {
        nonisolated(unsafe) let body = body
        startThread { [self] in
            do {
                while goesOn() {
                    try body()
                    state.withLock { $0.rounds += 1 }
                }
            } catch {
                state.withLock { $0.failure = error }
            }
            state.withLock { $0.ended = true }
        }
    }

    /// Runs something while the repeated body does not run.
    public func interrupted<Value>(by other: () throws -> Value) throws -> Value {
        state.withLock { $0.pause = true }
        defer { state.withLock { $0.pause = false } }
        while !state.withLock({ $0.isPaused || $0.ended }) { usleep(500) }
        return try other()
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

    /// Waits while it is paused. False when it is to stop.
    private func goesOn() -> Bool {
        while true {
            let (stops, waits) = state.withLock { state in
                state.isPaused = state.pause
                return (state.stop, state.pause)
            }
            if stops { return false }
            if !waits { return true }
            usleep(500)
        }
    }
}
