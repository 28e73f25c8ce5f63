import Agent
import AgentAPI
import AgentConfiguration
import KernelDatapath
import PolicyModel
import TestHarness
import Testing
import VerdictTables

/// A source that has not answered yet: the API server is away, or slow.
@Suite struct SilentSourceTests {
    private let source = ToldSource(feeds: [.init(name: "pods", state: .waiting, problem: "no route")])

    @Test("a fresh node has its guards before the source answers")
    func guardsComeFirst() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("kubepods")
            var configuration = lab.configuration
            configuration.podsCgroup = "\(lab.top)/kubepods"
            try await lab.running(source, configuration) { _ in
                try await eventually("the guards are in force") {
                    try await !lab.mayConnect(from: "kubepods", to: "169.254.169.254")
                }
                #expect(try await lab.mayConnect(from: "kubepods", to: "203.0.113.7"))
                try await eventually("status names what is missing") {
                    let status = try await lab.tool("status")
                    return status.status == 1 && status.out.contains("pods are not known yet: no route")
                }
            }
        }
    }

    @Test("what an earlier agent enforces stays, names included, until the source answers")
    func nothingIsTouched() async throws {
        try await AgentLab.with { lab in
            try lab.isolateWeb()
            let first = try await lab.start()
            try await lab.settled()
            let before = try (lab.kernelTables(), lab.links(), Snapshot.read(from: lab.files.path("state")))
            first.signal(15)
            _ = try await first.ended(within: 10)
            // A cgroup that comes now must not make the agent rewrite the tables either.
            try await lab.running(source) { _ in
                lab.makeCgroup("later")
                try await eventually("the second agent's snapshot is there") {
                    try Snapshot.read(from: lab.files.path("state"))?.condition.feeds.first?.state == .waiting
                }
                #expect(try lab.kernelTables() == before.0)
                #expect(try Set(lab.links().keys) == Set(before.1.keys))
                #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
                let snapshot = try Snapshot.read(from: lab.files.path("state"))
                #expect(snapshot?.pods == before.2?.pods && snapshot?.names == before.2?.names)
                // The first word counts, also when it is that nothing is there.
                source.speak.yield(ClusterBatch())
                try await eventually("the tables follow the source") { try lab.kernelTables().pods.isEmpty }
            }
        }
    }
}
