package import Flows
package import Logging
import PolicyModel
import Synchronization

/// Writes to the agent's log what becomes of flows, a line each, up to each pod's share.
package final class FlowLog: Sendable {
    private let logger: Logger
    private let shares = Mutex(FlowShares())

    package init(_ logger: Logger) { self.logger = logger }

    /// Takes what is denied, held, or let pass by audit mode.
    package func record(_ flow: Flow) {
        guard flow.verdict != .allowed, shares.withLock({ $0.admit(flow) }) else { return }
        logger.notice("\(flow.logLine)")
    }

    /// Says what was left out in the minute that is over, if one is.
    package func endMinute(at now: ContinuousClock.Instant = .now) {
        for text in shares.withLock({ $0.end(at: now) }) { logger.warning("\(text); the metrics count them") }
    }
}
