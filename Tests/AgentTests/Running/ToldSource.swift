import Agent
import AgentConfiguration
import Logging
import PolicyModel
import TestHarness

/// A source that says what a test tells it to, and nothing until then.
struct ToldSource: ClusterSource {
    let speak: AsyncStream<ClusterBatch>.Continuation
    let condition: SourceCondition
    private let stream: AsyncStream<ClusterBatch>

    init(feeds: [SourceCondition.Feed] = []) {
        (stream, speak) = AsyncStream.makeStream()
        condition = SourceCondition(feeds: feeds)
    }

    func batches() -> AsyncStream<ClusterBatch> { stream }
    func stop() { speak.finish() }
}

extension AgentLab {
    /// Runs an agent in this process beside the body, and has it end after it.
    func running(
        _ source: ToldSource, _ configuration: Configuration? = nil, rhythm: Intervals = Intervals(),
        logger: Logger = Logger(label: "told") { _ in SwiftLogNoOpLogHandler() },
        _ body: (Agent) async throws -> Void
    ) async throws {
        let agent = try Agent(
            configuration: configuration ?? self.configuration, logger: logger, source: source, rhythm: rhythm)
        let task = Task { try await agent.run() }
        defer { task.cancel() }
        try await body(agent)
        task.cancel()
        try await task.value
    }

    /// The pod `shop/web`, which policy lets reach 198.51.100.0/24 alone.
    func isolateWeb() throws {
        makeCgroup("web")
        try write("pods.yaml", pod("web", "10.9.0.1"))
        try write("policy.yaml", policy("out", blocks: ["198.51.100.0/24"]))
    }

    /// Has an agent enforce what the manifests say, and end by the signal.
    func enforcedBefore(endedBy signal: Int32) async throws {
        let agent = try await start()
        try await settled()
        agent.signal(signal)
        _ = try await agent.ended(within: 10)
    }
}
