import Agent
import AgentAPI
import PolicyModel
import Testing

@Suite struct PolicyComplaintsTests {
    let start = Moment.now

    func after(_ seconds: Double) -> Moment {
        Moment(instant: start.instant + .seconds(seconds), seconds: start.seconds + Int(seconds))
    }

    func error(_ policy: String, _ message: String = "is wrong", namespace: String = "shop") -> Diagnostic {
        Diagnostic(
            .error, object: "NetworkPolicy \(namespace)/\(policy)",
            reference: ObjectReference(.networkPolicy, namespace, policy), field: "spec.egress[0]", message)
    }

    @Test("a policy is told of once an hour, by a name that all nodes agree on")
    func once() throws {
        var complaints = PolicyComplaints(node: "n1", at: start)
        complaints.set([error("a"), error("a", "is odd")], namespaces: ["shop"])
        let told = complaints.due(at: start)
        let write = try #require(told.first)
        #expect(write.isNew && write.event.reason == "PolicyNotUnderstood" && write.event.type == .warning)
        #expect(
            write.event.message
                == "spec.egress[0]: is wrong (and 1 more); what is not understood allows nothing")
        #expect(write.event.involvedObject == .networkPolicy(NamespacedName("shop", "a")))
        #expect(write.event.involvedObject.apiVersion == "networking.k8s.io/v1")
        complaints.set([error("a"), error("a", "is odd")], namespaces: ["shop"])
        #expect(complaints.due(at: after(3600)).isEmpty)
        #expect(complaints.due(at: after(3700)).count == 1, "the API server has forgotten it")

        var other = PolicyComplaints(node: "n2", at: after(9))
        other.set([error("a"), error("a", "is odd")], namespaces: ["shop"])
        #expect(other.due(at: after(9)).first?.event.metadata == write.event.metadata)
        other.set([error("a", "is something else")], namespaces: ["shop"])
        let changed = other.due(at: after(10))
        #expect(changed.count == 1 && changed.first?.event.metadata != write.event.metadata)
    }

    @Test("only errors, only of policies, only where a pod of this node is")
    func which() {
        var complaints = PolicyComplaints(node: "n1", at: start)
        var warning = error("w")
        warning.severity = .warning
        var pod = error("p")
        pod.reference = ObjectReference(.pod, "shop", "p")
        var nameless = error("x")
        nameless.reference = nil
        complaints.set([warning, pod, nameless, error("a", namespace: "elsewhere")], namespaces: ["shop"])
        #expect(complaints.due(at: start).isEmpty)
        complaints.set([error("a", namespace: "elsewhere")], namespaces: ["shop", "elsewhere"])
        #expect(complaints.due(at: start).count == 1)
    }

    @Test("a thousand broken policies are told of bit by bit, each once")
    func many() {
        var complaints = PolicyComplaints(node: "n1", at: start)
        complaints.set((0..<1000).map { error("p\($0)") }, namespaces: ["shop"])
        #expect(complaints.due(at: start).count == 10)
        var names: Set<String> = []
        for second in 1...3000 { names.formUnion(complaints.due(at: after(Double(second))).map(\.event.metadata.name)) }
        #expect(names.count == 500)
    }

    @Test("what is mended is told no more")
    func mended() {
        var complaints = PolicyComplaints(node: "n1", at: start)
        complaints.set([error("a")], namespaces: ["shop"])
        complaints.set([], namespaces: ["shop"])
        #expect(complaints.due(at: start).isEmpty)
    }
}
