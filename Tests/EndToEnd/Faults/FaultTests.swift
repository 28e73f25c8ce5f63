import Glibc
import PacketLab
import Testing

/// Whatever happens to the server, to the way there or to the agent: no denied packet passes, no
/// allowed one is dropped, and afterwards the agent has caught up. Each test sees that what it
/// means to happen has happened.
extension EndToEnd {
    @Suite(.serialized, .oneScene { try FaultScene(Cluster.current, "faults", net: 20) }) struct FaultTests {
        let scene: FaultScene
        var node: ClusterNode { scene.node }
        var controlPlane: ControlPlane { scene.controlPlane }

        init() throws { scene = try OneScene.current() }

        @Test("Dozens of edits")
        func edits() throws {
            try scene.underTraffic {
                for round in 1...20 { try scene.write(round: round) }
            }
        }

        @Test("The server is killed, and comes back")
        func serverKilled() throws {
            try scene.underTraffic {
                controlPlane.killServer()
                try node.awaitStale()
                try controlPlane.launchServer()
                try controlPlane.awaitReady()
                try scene.write(round: 31)
            }
        }

        @Test("etcd is compacted while the agent is cut off, so that its watch gets 410")
        func compacted() throws {
            let fleeting = Manifest.policy(
                "fleeting", scene.locked, egress: "[\(Manifest.rule("10.21.255.1/32"))]")
            try controlPlane.kubectl("apply", text: fleeting)
            try scene.underTraffic {
                #expect(try node.mentions("10.21.255.1"))
                controlPlane.connections.set(.refuse)
                defer { controlPlane.connections.set(.pass) }
                controlPlane.connections.cutAll()
                try node.awaitStale()
                for round in 32...36 { try scene.write(round: round) }
                try controlPlane.kubectl("delete", text: fleeting)
                try controlPlane.compact()
                let before = controlPlane.audit.end
                controlPlane.connections.set(.pass)
                try node.settle()
                #expect(try controlPlane.audit.hasList(of: "networkpolicies", after: before))
                // What is gone is told when the list is at its end.
                try node.waitUntil("the policy that was deleted meanwhile is gone") {
                    try !node.mentions("10.21.255.1")
                }
            }
        }

        @Test("The server comes back with a history that has gone")
        func compactedAndRestarted() throws {
            try scene.underTraffic {
                controlPlane.connections.set(.refuse)
                defer { controlPlane.connections.set(.pass) }
                controlPlane.connections.cutAll()
                try node.awaitStale()
                for round in 37...38 { try scene.write(round: round) }
                controlPlane.killServer()
                try controlPlane.compact()
                try controlPlane.launchServer()
                try controlPlane.awaitReady()
                let before = controlPlane.audit.end
                controlPlane.connections.set(.pass)
                try node.settle()
                #expect(try controlPlane.audit.hasList(of: "networkpolicies", after: before))
            }
        }

        @Test("The token ends before another is there, and then is rotated in time")
        func tokenRotated() throws {
            let signer = try TokenSigner(controlPlane)
            try scene.underTraffic {
                let start = scene.agent.log.count
                let short = try signer.token(seconds: 3 - TokenSigner.leeway)
                try scene.agent.replaceToken(short)
                defer { try? scene.agent.rotateToken() }
                controlPlane.connections.cutAll()
                // The server, too, remembers for a while that it held.
                try node.waitUntil("the token has ended", everyMs: 500) {
                    try !controlPlane.accepts(token: short)
                }
                controlPlane.connections.cutAll()
                try node.awaitLog("pods: the API server refuses", "401", after: start)
                try scene.agent.rotateToken()
                try node.settle()
                try scene.agent.rotateToken()
                controlPlane.connections.cutAll()
                try scene.write(round: 38)
            }
        }

        @Test("The connection is cut in the middle of events")
        func cutMidEvent() throws {
            try scene.underTraffic {
                let (cuts, start) = (controlPlane.connections.cuts, scene.agent.log.count)
                for round in 39...50 {
                    controlPlane.connections.cutAll(afterBytes: .random(in: 1...3000))
                    try scene.write(round: round)
                    usleep(.random(in: 0...300_000))
                }
                #expect(controlPlane.connections.cuts > cuts + 3)
                try node.awaitLog("lost", after: start)
                controlPlane.connections.cutNothing()
            }
        }

        @Test("The server is frozen for a while")
        func serverFrozen() throws {
            try scene.underTraffic {
                controlPlane.freezeServer()
                defer { controlPlane.thawServer() }
                try node.awaitStale()
                controlPlane.thawServer()
                try controlPlane.awaitReady()
                try scene.write(round: 59)
            }
        }

        @Test("Connections stay open and carry nothing more")
        func connectionsSilent() throws {
            try scene.underTraffic {
                let accepted = controlPlane.connections.accepted
                controlPlane.connections.silenceAll()
                try scene.write(round: 60)
                // Only then are they taken for dead.
                try node.settle()
                #expect(controlPlane.connections.accepted > accepted)
            }
        }

        @Test("500 objects change at once")
        func manyObjects() throws {
            try scene.underTraffic {
                let before = try node.status()
                let names = (0..<250).map { "many-\($0)" }
                let policies = names.enumerated().map { index, name in
                    Manifest.policy(
                        name, scene.locked, selector: "{matchLabels: {many: '\(index)'}}",
                        egress: "[\(Manifest.rule("10.21.\(index).0/24"))]")
                }
                let spaces = names.map { Manifest.namespace($0, labels: "{many: 'yes'}") }
                try controlPlane.kubectl("create", text: (policies + spaces).joined())
                try node.settle()
                for feed in ["networkpolicies", "namespaces"] {
                    try node.awaitStatus("that \(feed) are known") { $0.objects(feed) >= before.objects(feed) + 250 }
                }
                try controlPlane.kubectl("label", "namespaces", "-l", "many", "round=2")
                try controlPlane.kubectl("delete", text: policies.joined())
            }
        }

        @Test("The agent is killed at random moments, while policies change")
        func agentKilled() throws {
            try scene.underTraffic {
                let runs = scene.agent.runs
                for round in 61...66 {
                    try scene.write(round: round)
                    usleep(.random(in: 0...700_000))
                    scene.agent.kill()
                    try scene.write(round: round + 100)
                    try scene.agent.start()
                }
                try node.awaitReady()
                #expect(scene.agent.runs == runs + 6)
            }
        }

        /// Denials go on without end, so Events are made and then changed.
        @Test("Every right that the shipped role grants is used")
        func rights() throws {
            let granted = try ClusterRole("sluiced", controlPlane).rights
            var unused = granted
            try scene.underTraffic {
                try? node.waitUntil("all rights are used", seconds: 100, everyMs: 1000) {
                    unused = try granted.subtracting(controlPlane.audit.used())
                    return unused.isEmpty
                }
            }
            #expect(unused.isEmpty)
        }
    }
}
