import BenchmarkSupport
import Glibc
import KernelDatapath
import PacketLab
import PolicyModel
import Synchronization
import VerdictTables

/// Watches on a thread of its own how long addresses take to reach the kernel's map.
///
/// Events take effect in the order in which they were sent, so it waits for one address at a time.
final class LagClock: Sendable {
    private struct State {
        var waiting: [(address: IPAddress, begun: Double)] = []
        /// Milliseconds, in the order of `begin`.
        var lags: [Double] = []
        var failure: (any Error)?
        var isFinishing = false
    }

    private let state = Mutex(State())

    init(_ tables: KernelTables) {
        startThread { [self] in
            do {
                while try look(tables) { usleep(100) }
            } catch {
                state.withLock { $0.failure = error }
            }
        }
    }

    /// An event that gives this address a class is about to be sent.
    func begin(_ address: IPAddress) {
        let now = secondsNow()
        state.withLock { $0.waiting.append((address, now)) }
    }

    /// - Returns: whether to go on.
    private func look(_ tables: KernelTables) throws -> Bool {
        guard let first = state.withLock({ $0.waiting.dropFirst($0.lags.count).first }) else {
            return state.withLock { !$0.isFinishing }
        }
        guard try tables.addressClass(of: first.address) != .other else { return true }
        let lag = (secondsNow() - first.begun) * 1000
        state.withLock { $0.lags.append(lag) }
        return true
    }

    /// Waits for what is still on its way.
    func finish(within seconds: Double) throws -> [Double] {
        let end = secondsNow() + seconds
        while true {
            let (lags, missing, failure) = state.withLock { ($0.lags, $0.waiting.count - $0.lags.count, $0.failure) }
            if let failure { throw failure }
            if missing == 0 {
                state.withLock { $0.isFinishing = true }
                return lags
            }
            guard secondsNow() < end else { throw BenchmarkError("\(missing) events never reached the kernel") }
            usleep(1000)
        }
    }
}
