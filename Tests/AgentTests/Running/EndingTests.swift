import Agent
import AgentAPI
import AgentConfiguration
import KernelDatapath
import KubernetesClient
import Logging
import PolicyModel
import TestHarness
import Testing
import VerdictTables

/// What an agent leaves in force that nobody follows.
@Suite struct EndingTests {
    private struct EmptySource: ClusterSource {
        func batches() -> AsyncStream<ClusterBatch> {
            AsyncStream { $0.yield(ClusterBatch()) }
        }
        func stop() {}
        var condition: SourceCondition { SourceCondition() }
    }

    /// Runs an agent under `hold` until it is synced, and stops it.
    /// - Parameter last: what the API server says of the DaemonSet then; before, it is there.
    /// - Returns: the posture that is left.
    private func posture(_ last: FakeAPI.Answer) async throws -> NodeSettings.Posture? {
        var left: NodeSettings.Posture?
        try await AgentLab.with { lab in
            lab.makeCgroup("kubepods")
            var configuration = lab.configuration
            configuration.podsCgroup = "\(lab.top)/kubepods"
            configuration.startupPosture = .hold
            configuration.events = false
            configuration.environment = ["POD_UID": "u", "POD_NAME": "sluiced-x", "POD_NAMESPACE": "sluice-system"]
            let api = FakeAPI { request in
                request.path.hasSuffix("/pods/sluiced-x")
                    ? .ok(
                        #"{"metadata":{"ownerReferences":[{"kind":"DaemonSet","name":"sluiced","controller":true}]}}"#)
                    : .ok(#"{"metadata":{}}"#)
            }
            let agent = try Agent(
                configuration: configuration, logger: Logger(label: "ending") { _ in SwiftLogNoOpLogHandler() },
                source: EmptySource(), transport: api, rhythm: Intervals())
            let task = Task { try await agent.run() }
            try await eventually("the DaemonSet was read") { api.requests.count == 2 }
            try await eventually("hold is in force") {
                try KernelTables(pins: lab.pins).config()?.settings.posture == .hold
            }
            try await eventually("the snapshot is there") { try Snapshot.read(from: lab.files.path("state")) != nil }
            api.answer { _ in last }
            task.cancel()
            try await task.value
            left = try KernelTables(pins: lab.pins).config()?.settings.posture
            #expect(
                try Snapshot.read(from: lab.files.path("state"))?.startupPosture == (left == .hold ? .hold : .guards))
            #expect(try !lab.links().isEmpty, "the guards stay")
        }
        return left
    }

    @Test("E7: an agent whose DaemonSet is gone takes hold off unknown pods; an update, or a silent API, does not")
    func hold() async throws {
        #expect(try await posture(.status(404)) == .guards)
        #expect(try await posture(.ok(#"{"metadata":{}}"#)) == .hold)
        #expect(try await posture(.status(500)) == .hold)
    }
}
