import Glibc
import PacketLab
import Testing

/// Whatever happens to the server, to the way there or to the agent: no denied packet passes, no
/// allowed one is dropped, and afterwards the agent has caught up.
extension EndToEnd {
    @Suite(.serialized, .oneFaultScene) struct FaultTests {
        let scene: FaultScene
        var controlPlane: ControlPlane { scene.controlPlane }

        init() throws { scene = try #require(OneFaultScene.shared).scene }

        @Test("Dozens of edits")
        func edits() throws {
            try scene.underTraffic {
                for round in 1...30 { try scene.write(round: round) }
            }
        }

        @Test("The server is killed, and comes back")
        func serverKilled() throws {
            try scene.underTraffic {
                controlPlane.killServer()
                usleep(3_000_000)
                try controlPlane.launchServer()
                try controlPlane.awaitReady()
                try scene.write(round: 31)
            }
        }

        @Test("etcd is compacted while the agent is cut off, so that its watch gets 410")
        func compacted() throws {
            try scene.underTraffic {
                controlPlane.connections.set(.refuse)
                controlPlane.connections.cutAll()
                for round in 32...36 { try scene.write(round: round) }
                try controlPlane.compact()
                controlPlane.connections.set(.pass)
            }
        }

        @Test("The server comes back with a history that has gone")
        func compactedAndRestarted() throws {
            try scene.underTraffic {
                controlPlane.killServer()
                try controlPlane.compact()
                try controlPlane.launchServer()
                try controlPlane.awaitReady()
                try scene.write(round: 37)
            }
        }

        @Test("The token is rotated, and the old one ends")
        func tokenRotated() throws {
            let signer = try TokenSigner(controlPlane)
            try scene.underTraffic {
                try scene.agent.replaceToken(signer.token(seconds: 5 - TokenSigner.leeway))
                controlPlane.connections.cutAll()
                try scene.node.settle()
                try scene.agent.rotateToken()
                // Longer than the old one holds, and than the server remembers that it did.
                usleep(16_000_000)
                controlPlane.connections.cutAll()
                try scene.write(round: 38)
            }
        }

        @Test("The connection is cut in the middle of events")
        func cutMidEvent() throws {
            try scene.underTraffic {
                let before = controlPlane.connections.cuts
                for round in 39...58 {
                    controlPlane.connections.cutAll(afterBytes: .random(in: 1...3000))
                    try scene.write(round: round)
                    usleep(.random(in: 0...300_000))
                }
                #expect(controlPlane.connections.cuts > before)
            }
        }

        @Test("The server is frozen for a while")
        func serverFrozen() throws {
            try scene.underTraffic {
                controlPlane.freezeServer()
                usleep(6_000_000)
                controlPlane.thawServer()
                try controlPlane.awaitReady()
                try scene.write(round: 59)
            }
        }

        @Test("500 objects change at once")
        func manyObjects() throws {
            try scene.underTraffic {
                let names = (0..<250).map { "many-\($0)" }
                let policies = names.enumerated().map { index, name in
                    Manifest.policy(
                        name, "faults-locked", selector: "{matchLabels: {many: '\(index)'}}",
                        egress: "[\(Manifest.rule("10.21.\(index).0/24"))]")
                }
                let spaces = names.map { Manifest.namespace($0) }
                try controlPlane.kubectl("create", text: (policies + spaces).joined())
                try scene.node.settle()
                try controlPlane.kubectl("delete", "networkpolicies", "-n", "faults-locked", "-l", "!kept", "--field-selector=metadata.name!=nothing,metadata.name!=revoked")
                try controlPlane.kubectl("label", "namespaces", "--all", "round=2")
            }
        }

        @Test("The agent is killed at random moments, while policies change")
        func agentKilled() throws {
            try scene.underTraffic {
                for round in 60...69 {
                    try scene.write(round: round)
                    usleep(.random(in: 0...700_000))
                    scene.agent.kill()
                    try scene.write(round: round + 100)
                    try scene.agent.start()
                }
                try scene.node.awaitReady()
            }
        }
    }
}

struct OneFaultScene: SuiteTrait, TestScoping {
    /// Tests run one after the other.
    struct Holder: @unchecked Sendable { let scene: FaultScene }

    @TaskLocal static var shared: Holder?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let holder = Holder(scene: try FaultScene(Cluster.current))
        defer { holder.scene.close() }
        try await Self.$shared.withValue(holder) { try await function() }
    }
}

extension Trait where Self == OneFaultScene {
    static var oneFaultScene: Self { OneFaultScene() }
}
