import FoundationEssentials
import PacketLab
import PolicyModel
import Testing

/// What `sluice pods` and `sluice policies` show of a real agent and real packets.
@Suite(.serialized) struct ViewTests {
    private struct PodRow: Decodable {
        struct Packets: Decodable {
            var allowed: UInt64
            var denied: UInt64
            var audited: UInt64
        }
        var pod: String
        var state: String
        var isolated: Bool
        var audit: Bool
        var policies: [String]
        var exemptions: [String]
        var packets: Packets?
    }

    private struct PolicyRow: Decodable {
        struct Rule: Decodable {
            var index: Int
            var text: String
            var matchesNothing: Bool
        }
        struct Problem: Decodable { var severity: String }
        var kind: String
        var name: String
        var pods: [String]
        var rules: [Rule]
        var problems: [Problem]
        var inForce: String
    }

    private func pods(_ node: EnforcedNode, _ words: String...) throws -> [PodRow] {
        try JSONDecoder().decode([PodRow].self, from: Data(node.tool("pods", "-o", "json").utf8))
    }

    private func policies(_ node: EnforcedNode) throws -> [PolicyRow] {
        try JSONDecoder().decode([PolicyRow].self, from: Data(node.tool("policies", "-o", "json").utf8))
    }

    @Test("pods counts what was allowed, denied and audited, and says so without the agent")
    func packets() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        let legacy = try node.wirePod("legacy", namespace: "legacy", "10.9.0.31", "fd09::31")
        try node.write("namespace.yaml", Manifest.namespace("legacy", labels: "{sluice.dev/enforcement: audit}"))
        try node.policy("shut", namespace: "legacy", egress: "[]")
        try node.settle()
        func row(_ name: String) throws -> PodRow? { try pods(node).first { $0.pod == name } }
        try node.waitUntil("the snapshot") { (try? row("legacy/legacy"))?.audit == true }
        let before = try #require(try row("default/pod")?.packets)
        let socket = try pod.process.open(.udp4)
        for _ in 1...7 {
            try pod.process.demand(.sendTo(socket, Endpoint("10.9.0.3", 53), bytes: [1], fastOpen: false))
            _ = try pod.process.run(.sendTo(socket, Endpoint("10.9.0.4", 53), bytes: [1], fastOpen: false))
        }
        let other = try legacy.process.open(.udp4)
        try legacy.process.demand(.sendTo(other, Endpoint("10.9.0.4", 53), bytes: [1], fastOpen: false))
        let after = try #require(try row("default/pod"))
        #expect(after.packets?.allowed == before.allowed + 7 && after.packets?.denied == before.denied + 7)
        #expect(after.state == "enforced" && after.isolated && !after.audit && after.policies == ["default/policy"])
        #expect(try row("legacy/legacy")?.packets?.audited ?? 0 >= 1)
        // The pods that no cgroup was found for are there too.
        #expect(try row("sluice-marker/marker")?.state == "waiting" && row("sluice-marker/marker")?.packets == nil)
        #expect(try node.tool("pods", "-n", "legacy").contains("isolated (audit)"))

        node.killAgent()
        let denied = try node.tool("pods", "--denied").split(separator: "\n").filter { $0.contains("/") }
        #expect(
            denied.first?.hasPrefix("default/pod") == true && denied.first?.contains(" \(before.denied + 7) ") == true,
            "\(denied)")
    }

    @Test("policies tells whom they are about, what matches nothing and what is not understood, as they change")
    func policies() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        _ = try node.wirePod()
        let none = "{to: [{podSelector: {matchLabels: {app: none}}}]}"
        try node.policy(egress: "[\(Manifest.rule("10.9.0.2/32")), \(none)]")
        try node.policy("elsewhere", namespace: "empty", egress: "[]")
        try node.write(
            "admin.yaml",
            TierTests.cluster(
                "keep-off",
                """
                {tier: Admin, priority: 7, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [10.9.0.4/32]}]}]}
                """))
        try node.write(
            "baseline.yaml",
            TierTests.cluster(
                "closed",
                """
                {tier: Baseline, priority: 7, subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: default}}},
                 egress: [{action: Deny, to: [{networks: [10.9.0.5/32]}]}]}
                """))
        try node.start()
        func row(_ name: String) throws -> PolicyRow? { try policies(node).first { $0.name == name } }
        // Before that the tool says that there is no report.
        try node.waitUntil("the report") { (try? row("policy"))?.inForce == "yes" }
        let rows = try policies(node)
        #expect(rows.map(\.name) == ["keep-off", "policy", "marker", "closed"])
        #expect(rows[1].pods == ["default/pod"] && rows[1].rules.map(\.matchesNothing) == [false, true])
        #expect(rows[1].rules[1].text == "to pods with app=none in default")
        // The marker's pod has no cgroup.
        #expect(rows[0].inForce == "partly" && rows[3].inForce == "not asked")
        #expect(try node.tool("policies").contains("1 more NetworkPolicies isolate no pod of this node"))

        // A pod anywhere is a peer.
        try node.write(
            "peer.yaml",
            Manifest.Pod("peer", labels: "{app: none}", ["10.9.0.77"]).text.replacing(
                "nodeName: node", with: "nodeName: other"))
        try node.waitUntil("the peer") { try row("policy")?.rules.last?.matchesNothing == false }
        try node.policy(egress: "[\(Manifest.rule("10.9.0.2/32", ports: "[{port: 70000}]")), \(none)]")
        try node.waitUntil("the error") { try row("policy")?.problems.map(\.severity) == ["error"] }
        #expect(try row("policy")?.rules.map(\.index) == [1])

        node.killAgent()
        let page = try node.tool("policies", "default/policy")
        #expect(
            page.contains("NetworkPolicy default/policy") && page.contains("spec.egress[0].ports[0].port"), "\(page)")
        #expect(page.contains("rule 1") && !page.contains("rule 0"))
    }
}
