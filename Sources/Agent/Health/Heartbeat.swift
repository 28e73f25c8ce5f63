import Synchronization

/// Whether the agent still makes progress: somebody asks it again and again,
/// and notes when it answered last.
package final class Heartbeat: Sendable {
    private let interval: Duration
    private let limit: Duration
    private let ask: @Sendable () async -> Void
    private let lastAnswer: Mutex<ContinuousClock.Instant>

    /// - Parameters:
    ///   - interval: the pause between an answer and the next question.
    ///   - limit: the age of the last answer from which on the agent counts as
    ///     stuck. The first compile of a large cluster takes seconds.
    ///   - ask: returns when the agent had a turn.
    package init(
        interval: Duration = .seconds(5), limit: Duration = .seconds(60),
        ask: @escaping @Sendable () async -> Void
    ) {
        self.interval = interval
        self.limit = limit
        self.ask = ask
        lastAnswer = Mutex(.now)
    }

    /// Asks until the task is cancelled.
    package func run() async {
        repeat {
            await ask()
            lastAnswer.withLock { $0 = .now }
        } while (try? await Task.sleep(for: interval)) != nil
    }

    /// What is wrong; nil if the last answer is young enough.
    package func problem(at now: ContinuousClock.Instant = .now) -> String? {
        let age = now - lastAnswer.withLock { $0 }
        return age <= limit ? nil : "the agent has not answered for \(age.components.seconds) s"
    }
}
