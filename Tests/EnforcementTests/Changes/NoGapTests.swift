import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// Neither a change nor the agent's death opens or cuts anything for a moment.
@Suite(.serialized) struct NoGapTests {
    /// Below 100 a round's number as a port could be one that is probed.
    private static let rounds = 100..<400

    @Test("hundreds of edits open nothing and cut nothing") func hundredsOfEditsOpenNothingAndCutNothing() throws {
        let scene = try ProbedScene()
        defer { scene.node.close() }
        let prober = try Prober(scene)
        for round in Self.rounds {
            try scene.write(round: round)
            if round % 3 == 0 { try scene.node.settle() }
        }
        try scene.node.settle()
        try prober.check()
    }

    @Test("kills at random moments open nothing and cut nothing")
    func killsAtRandomMomentsOpenNothingAndCutNothing() throws {
        let scene = try ProbedScene()
        defer { scene.node.close() }
        let prober = try Prober(scene)
        var random = SystemRandomNumberGenerator()
        for round in 0..<30 {
            for edit in 0..<4 { try scene.write(round: 100 + round * 4 + edit) }
            // A moment within what follows: reading, compiling, writing, or after it.
            let deadline = Deadline(afterMs: Int.random(in: 0...500, using: &random))
            while !deadline.hasPassed { try scene.write(round: 100 + Int.random(in: 0...99, using: &random)) }
            scene.node.killAgent()
            try scene.write(round: 300 + round)
            try scene.node.launch()
        }
        try scene.node.settle()
        try prober.check()
        try scene.node.expectTablesAsIfNew()
    }

    @Test("what changes while the agent is down is there when it is back")
    func whatChangesWhileTheAgentIsDownIsThereWhenItIsBack() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod()
        let leaving = try node.wirePod("leaving", "10.9.2.1")
        try node.policy(egress: Scene.egress)
        try node.policy("old", egress: "[\(Manifest.rule("10.9.7.0/24"))]")
        try node.start()
        #expect(try pod.passes(.tcp, "10.9.0.3", 80))
        #expect(try pod.passes(.tcp, "10.9.7.1", 80))
        node.killAgent()
        // Enforcement goes on, for new sockets too.
        #expect(try pod.passes(.tcp, "10.9.0.3", 80))
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
        #expect(try !leaving.passes(.tcp, "10.9.0.4", 80))
        try node.policy(egress: "[\(Manifest.rule("10.9.0.4/32"))]")
        try node.remove("policy-old.yaml")
        try node.withdraw(leaving)
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
        try node.start()
        #expect(try pod.passes(.tcp, "10.9.0.4", 80))
        #expect(try !pod.passes(.tcp, "10.9.0.3", 80))
        #expect(try !pod.passes(.tcp, "10.9.7.1", 80))
        try node.expectTablesAsIfNew()
    }
}
