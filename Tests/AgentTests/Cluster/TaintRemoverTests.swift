import Agent
import AgentAPI
import FoundationEssentials
import KubernetesClient
import Synchronization
import TestHarness
import Testing

@Suite struct TaintRemoverTests {
    let reports = Reports()
    let ready = Flag()
    /// What is said of removals.
    let removals = Reports()

    final class Flag: Sendable {
        let value = Mutex(true)
        var isSet: Bool { value.withLock { $0 } }
        func set(_ new: Bool) { value.withLock { $0 = new } }
    }

    func remover(_ api: any APITransport) -> TaintRemover {
        var rhythm = TaintRemover.Intervals()
        rhythm.readiness = .milliseconds(2)
        rhythm.node = .milliseconds(5)
        rhythm.firstRetry = .milliseconds(1)
        return TaintRemover(
            api, node: "n1", rhythm: rhythm, isReady: { [ready] in ready.isSet }, report: reports.hear,
            removed: removals.hear)
    }

    @Test("every effect of the taint goes, the others stay, and a change in between is not lost")
    func removal() async throws {
        let node = FakeNode([
            "a:NoSchedule", "\(FakeNode.ours):NoSchedule", "b:NoExecute", "\(FakeNode.ours):NoExecute",
        ])
        node.meddle { $0 + ["c:NoSchedule"] }
        try await alongside(remover(node).run) {
            try await eventually("it is gone") { !node.taints.contains { $0.hasPrefix(FakeNode.ours) } }
        }
        #expect(node.taints == ["a:NoSchedule", "b:NoExecute", "c:NoSchedule"])
        #expect(node.refusals == 1, "the first patch met a change")
        #expect(reports.all.isEmpty, "a conflict is no trouble")
    }

    @Test("it is removed again whenever it is set again, and nothing is written otherwise")
    func again() async throws {
        let node = FakeNode(["a:NoSchedule"])
        try await alongside(remover(node).run) {
            try await eventually("it was looked at several times") { node.reads > 3 }
            #expect(node.patches == 0)
            for round in 1...3 {
                node.set(["\(FakeNode.ours):NoSchedule", "a:NoSchedule"])
                try await eventually("it is gone, round \(round)") { node.taints == ["a:NoSchedule"] }
            }
        }
        #expect(node.patches == 3)
    }

    @Test("G: each removal is told once, with the taint and the node, and nothing is told where there is no taint")
    func told() async throws {
        let node = FakeNode(["\(FakeNode.ours):NoSchedule"])
        try await alongside(remover(node).run) {
            try await eventually("it is gone and was looked at again") { node.taints.isEmpty && node.reads > 5 }
        }
        #expect(
            removals.all == ["the taint sluice.dev/agent-not-ready is removed from node n1: pods may be scheduled here"]
        )
        let clean = FakeNode(["a:NoSchedule"])
        try await alongside(remover(clean).run) {
            try await eventually("it was looked at several times") { clean.reads > 3 }
        }
        #expect(removals.all.count == 1)
    }

    @Test("not before the agent is ready")
    func readiness() async throws {
        ready.set(false)
        let node = FakeNode(["\(FakeNode.ours):NoSchedule"])
        try await alongside(remover(node).run) {
            try await Task.sleep(for: .milliseconds(50))
            #expect(node.reads == 0 && node.taints.count == 1)
            ready.set(true)
            try await eventually("it is gone") { node.taints.isEmpty }
        }
    }

    @Test("a missing permission is told with advice, and when it is there again")
    func forbidden() async throws {
        let node = FakeNode(["\(FakeNode.ours):NoSchedule"])
        node.fail(APIError(.status(403), message: "nodes \"n1\" is forbidden", request: "GET /api/v1/nodes/n1"))
        try await alongside(remover(node).run) {
            try await eventually("it is told") { !reports.all.isEmpty }
            node.fail(nil)
            try await eventually("it is gone") { node.taints.isEmpty && reports.all.last == .some(nil) }
        }
        let said = try #require(reports.all[0])
        #expect(said.contains("GET /api/v1/nodes/n1") && said.contains("get and patch on nodes"), "\(said)")
    }

    @Test("an answer that is no Node is told")
    func nonsense() async throws {
        let api = FakeAPI { _ in .ok("<html>") }
        try await alongside(remover(api).run) {
            try await eventually("it is told") { !reports.all.isEmpty }
        }
        #expect(reports.all[0]?.contains("no Node") == true)
        #expect(api.requests.allSatisfy { $0.method == .get })
    }

    @Test("it ends at once when cancelled, though the API server hangs", .timeLimit(.minutes(1)))
    func hanging() async throws {
        let api = FakeAPI { _ in .never }
        try await alongside(remover(api).run) {
            try await eventually("it was asked") { api.requests.count == 1 }
        }
        #expect(reports.all.isEmpty)
    }
}
