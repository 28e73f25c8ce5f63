/// A limit on how long something may take.
enum Deadline {
    struct Passed: Error {}

    /// - Throws: `Passed` after that long; the work is then cancelled.
    static func limit<Result: Sendable>(
        _ duration: Duration, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask(operation: work)
            group.addTask {
                try await Task.sleep(for: duration)
                throw Passed()
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }
}
