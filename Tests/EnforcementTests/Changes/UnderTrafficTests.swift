import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// Policy that changes while flows are under way.
@Suite(.serialized) struct UnderTrafficTests {
    /// A pod that may reach TCP 80 and UDP 53 of .2 and .3, by a policy each.
    private struct Scene {
        let node: EnforcedNode
        let pod: EnforcedPod
        let server: PodProcess

        init(_ option: String = "--fail-fast", isolated: Bool = true) throws {
            node = try EnforcedNode(option)
            pod = try node.pod("pod", labels: "{app: web}", "10.9.0.1", "fd09::1")
            server = try node.server("server", "10.9.0.2", "fd09::2", "10.9.0.3", "fd09::3")
            try server.serveEcho(.tcp6, at: Endpoint("::", 80), .ipv6Only(false))
            try server.serveEcho(.udp4, at: Endpoint("10.9.0.2", 53))
            try server.serveEcho(.udp4, at: Endpoint("10.9.0.3", 53))
            if isolated {
                try node.policy(
                    "two", selector: "{matchLabels: {app: web}}",
                    egress: "[\(Manifest.rule("10.9.0.2/32", "fd09::2/128"))]")
                try node.policy(
                    "three", selector: "{matchLabels: {app: web}}",
                    egress: "[\(Manifest.rule("10.9.0.3/32", "fd09::3/128"))]")
            }
            try node.start()
        }

        func connect(_ kind: SocketKind? = nil, _ host: String) throws -> SocketID {
            let (socket, response) = try pod.process.connect(
                kind, to: Endpoint(host, kind?.transport == .udp ? 53 : 80))
            try #require(response.result == .ok)
            try #require(try goes(socket))
            return socket
        }

        func goes(_ socket: SocketID) throws -> Bool {
            try pod.process.roundTrip(socket, timeoutMs: 400) == .ok
        }
    }

    @Test("a revoked rule ends its connections and no others", arguments: ["10.9.0", "fd09:"])
    func aRevokedRuleEndsItsConnectionsAndNoOthers(net: String) throws {
        let scene = try Scene()
        defer { scene.node.close() }
        let separator = net == "fd09:" ? ":" : "."
        let two = try scene.connect(nil, "\(net)\(separator)2")
        let three = try scene.connect(nil, "\(net)\(separator)3")
        try scene.node.policy("two", egress: "[]")
        try scene.node.settle()
        #expect(try !scene.goes(two))
        #expect(try scene.goes(three))
        // What the dead connection could not send goes when it is allowed again.
        try scene.node.remove("policy-three.yaml")
        try scene.node.remove("policy-two.yaml")
        try scene.node.settle()
        let (again, response) = try scene.pod.process.connect(to: Endpoint("\(net)\(separator)2", 80))
        #expect(response.result == .ok)
        #expect(try scene.goes(again))
    }

    @Test("no further byte of a revoked connection arrives") func noFurtherByteOfARevokedConnectionArrives() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.pod("pod", "10.9.0.1")
        let server = try node.server("server", "10.9.0.2")
        let listener = try server.open(.tcp4)
        try server.demand(.bind(listener, Endpoint("10.9.0.2", 80)))
        try server.demand(.listen(listener, backlog: 4))
        try node.policy(egress: Scene1.allow2)
        try node.start()
        let (socket, response) = try pod.process.connect(to: Endpoint("10.9.0.2", 80))
        #expect(response.result == .ok)
        let accepted = server.newSocketID()
        try server.demand(.accept(listener, as: accepted, timeoutMs: 1000))
        try pod.process.demand(.send(socket, bytes: [1], timeoutMs: 100))
        #expect(try server.run(.receive(accepted, timeoutMs: 1000)).bytes == [1])
        try node.policy(egress: "[]")
        try node.settle()
        for _ in 0..<5 { _ = try pod.process.run(.send(socket, bytes: [2], timeoutMs: 100)) }
        // The server's own data still comes in, but gets no acknowledgement.
        try server.demand(.send(accepted, bytes: [3], timeoutMs: 100))
        #expect(try server.run(.receive(accepted, timeoutMs: 500)).result == .timedOut)
        #expect(try node.counters(pod).denied.packets >= 1)
    }

    private enum Scene1 { static let allow2 = "[\(Manifest.rule("10.9.0.2/32"))]" }

    @Test("a revoked rule ends its datagram flows", arguments: ["--fail-fast", "--no-fail-fast"])
    func aRevokedRuleEndsItsDatagramFlows(option: String) throws {
        let scene = try Scene(option)
        defer { scene.node.close() }
        let two = try scene.connect(.udp4, "10.9.0.2")
        let three = try scene.connect(.udp4, "10.9.0.3")
        try scene.node.policy("two", egress: "[]")
        try scene.node.settle()
        #expect(try scene.pod.process.run(.send(two, bytes: [1], timeoutMs: 100)).result == .notPermitted)
        #expect(try scene.goes(three))
    }

    @Test("a first policy ends what it does not allow") func aFirstPolicyEndsWhatItDoesNotAllow() throws {
        let scene = try Scene(isolated: false)
        defer { scene.node.close() }
        let two = try scene.connect(nil, "10.9.0.2")
        let three = try scene.connect(nil, "10.9.0.3")
        let datagrams = try scene.connect(.udp4, "10.9.0.2")
        try scene.node.policy("three", egress: "[\(Manifest.rule("10.9.0.3/32"))]")
        try scene.node.settle()
        #expect(try !scene.goes(two))
        #expect(try scene.goes(three))
        #expect(try !scene.goes(datagrams))
    }

    @Test("a relabelled subject is under other policies") func aRelabelledSubjectIsUnderOtherPolicies() throws {
        let scene = try Scene()
        defer { scene.node.close() }
        let two = try scene.connect(nil, "10.9.0.2")
        scene.pod.manifest?.labels = "{app: other}"
        try scene.node.introduce(scene.pod)
        try scene.node.policy("other", selector: "{matchLabels: {app: other}}", egress: "[]")
        try scene.node.settle()
        #expect(try !scene.goes(two))
        scene.pod.manifest?.labels = "{app: free}"
        try scene.node.introduce(scene.pod)
        try scene.node.settle()
        #expect(try scene.pod.tcp(Endpoint("10.9.0.2", 80)) == .ok)
    }

    @Test("a relabelled peer is another peer") func aRelabelledPeerIsAnotherPeer() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.pod("pod", labels: "{app: web}", "10.9.0.1")
        let peer = try node.pod("peer", labels: "{app: db}", "10.9.0.2")
        try peer.process.serveEcho(.tcp4, at: Endpoint("10.9.0.2", 80))
        try node.policy(
            selector: "{matchLabels: {app: web}}", egress: "[{to: [{podSelector: {matchLabels: {app: db}}}]}]")
        try node.start()
        let (socket, response) = try pod.process.connect(to: Endpoint("10.9.0.2", 80))
        #expect(response.result == .ok)
        #expect(try pod.process.roundTrip(socket) == .ok)
        peer.manifest?.labels = "{app: former}"
        try node.introduce(peer)
        try node.settle()
        #expect(try pod.process.roundTrip(socket, timeoutMs: 300) != .ok)
        #expect(try pod.tcp(Endpoint("10.9.0.2", 80)) == .notPermitted)
        peer.manifest?.labels = "{app: db}"
        try node.introduce(peer)
        try node.settle()
        #expect(try pod.tcp(Endpoint("10.9.0.2", 80)) == .ok)
    }
}
