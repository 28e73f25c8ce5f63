/// A task that lasts as long as the agent runs.
package struct LongTask: Sendable {
    /// As the log and `/readyz` call it.
    package var name: String
    /// Whether it is over some time, as it should.
    package var ends: Bool
    package var run: @Sendable () async throws -> Void

    package init(_ name: String, ends: Bool = false, _ run: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.ends = ends
        self.run = run
    }
}

/// Owns the long tasks: one that returns or throws while the agent runs is told of and begun again, with a
/// pause that grows. So no task can be missing without a word.
///
/// swift-service-lifecycle's group ends all services, or the process, where one ends; here the others must go on,
/// as enforcement does not depend on any of them.
package struct Supervisor: Sendable {
    package struct Intervals: Sendable {
        package var firstRetry = Duration.seconds(1)
        package var longestRetry = Duration.seconds(60)
        /// A task that has run for so long after it was begun again is taken to be well.
        package var trial = Duration.seconds(5)

        package init() {}
    }

    private let rhythm: Intervals
    private let setCondition: @Sendable (String, String?) async -> Void

    /// - Parameter setCondition: hears of a task, by name, why it does not run; and nil once it runs again.
    package init(_ rhythm: Intervals = Intervals(), setCondition: @escaping @Sendable (String, String?) async -> Void) {
        self.rhythm = rhythm
        self.setCondition = setCondition
    }

    /// Runs all of them until the task is cancelled and each of them has returned.
    package func run(_ tasks: [LongTask]) async {
        await withTaskGroup { group in
            for task in tasks { group.addTask { await run(task) } }
        }
    }

    private func run(_ task: LongTask) async {
        var backoff = Backoff(first: rhythm.firstRetry, longest: rhythm.longestRetry)
        var isMissed = false
        while !Task.isCancelled {
            let begun = ContinuousClock.now
            let end = await outcome(of: task, onTrial: isMissed)
            if Task.isCancelled || (task.ends && end == nil) { return }
            if ContinuousClock.now - begun > rhythm.longestRetry { backoff.reset() }
            isMissed = true
            await setCondition(task.name, "\(end ?? "has ended"); it is begun again")
            try? await Task.sleep(for: backoff.next())
        }
    }

    /// - Returns: what it threw; nil if it returned.
    private func outcome(of task: LongTask, onTrial: Bool) async -> String? {
        let trial = Task {
            guard onTrial, (try? await Task.sleep(for: rhythm.trial)) != nil else { return }
            await setCondition(task.name, nil)
        }
        defer { trial.cancel() }
        do {
            try await task.run()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
