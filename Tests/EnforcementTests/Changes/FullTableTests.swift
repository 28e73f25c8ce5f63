import KernelDatapath
import PacketLab
import PolicyModel
import Testing
import VerdictTables

/// Tables that have no room left.
@Suite(.serialized) struct FullTableTests {
    @Test("a pod that finds no room is judged as one that is not known", arguments: ["guards", "hold"])
    func pods(posture: String) throws {
        let node = try EnforcedNode("--no-fail-fast", "--startup-posture", posture)
        defer { node.close() }
        _ = try DatapathObject(pins: node.pins, capacities: [.pods: 2])
        let first = try node.wirePod("first", "10.9.0.1")
        try node.policy(egress: Scene.egress)
        // The marker has no cgroup: one more has room.
        try node.start()
        let second = try node.wirePod("second", "10.9.1.1")
        try node.settle()
        let third = try node.wirePod("third", "10.9.2.1")
        _ = try node.awaitLog("tables: the old verdicts stay in force", "map pods")
        #expect(try third.passes(.tcp, "10.9.0.4", 80) == (posture == "guards"))
        #expect(try !third.passes(.tcp, "169.254.169.254", 80))
        for pod in [first, second] {
            #expect(try pod.passes(.tcp, "10.9.0.2", 80))
            #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
        }
    }
}
