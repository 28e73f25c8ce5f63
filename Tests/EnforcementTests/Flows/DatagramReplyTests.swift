import PacketLab
import PolicyModel
import Testing

/// UDP has no connection: an isolated pod may answer whom it heard, for a while, and nobody else.
@Suite(.serialized) struct DatagramReplyTests {
    private struct Scene {
        let node: EnforcedNode
        let pod: EnforcedPod
        let peer: PodProcess
        /// The pod's, at port 5353.
        let server: SocketID
        let from: Endpoint

        /// - Parameter family: 4 or 6.
        init(_ option: String, family: Int = 4, replySeconds: Int = 60, egress: String = "[]") throws {
            node = try EnforcedNode(option, config: "replySeconds: \(replySeconds)\n")
            pod = try node.pod("pod", "10.9.0.1", "fd09::1")
            peer = try node.server("peer", "10.9.0.2", "fd09::2", "10.9.0.3", "fd09::3")
            try node.policy(egress: egress)
            try node.start()
            from = family == 4 ? Endpoint("10.9.0.1", 5353) : Endpoint("fd09::1", 5353)
            server = try pod.process.open(family == 4 ? .udp4 : .udp6)
            try pod.process.demand(.bind(server, from))
        }

        /// A socket of the peer's.
        func socket(at endpoint: Endpoint) throws -> SocketID {
            let socket = try peer.open(endpoint.address.isIPv4 ? .udp4 : .udp6)
            try peer.demand(.bind(socket, endpoint))
            return socket
        }

        func hear(_ socket: SocketID) throws {
            try peer.demand(.sendTo(socket, from, bytes: [1], fastOpen: false))
            try #require(try pod.process.run(.receive(server, timeoutMs: 1000)).isOK)
        }

        func answer(_ to: Endpoint) throws -> ErrnoName {
            try pod.process.run(.sendTo(server, to, bytes: [2], fastOpen: false)).result
        }
    }

    @Test(arguments: ["--fail-fast", "--no-fail-fast"], [4, 6])
    func aRequestGetsItsReplyAndNobodyElseDoes(option: String, family: Int) throws {
        let scene = try Scene(option, family: family)
        defer { scene.node.close() }
        let host = family == 4 ? "10.9.0.2" : "fd09::2"
        let client = try scene.socket(at: Endpoint(host, 4000))
        #expect(try scene.answer(Endpoint(host, 4000)) == .notPermitted)
        try scene.hear(client)
        for _ in 0..<3 {
            #expect(try scene.answer(Endpoint(host, 4000)) == .ok)
            #expect(try scene.peer.run(.receive(client, timeoutMs: 1000)).bytes == [2])
        }
        #expect(try scene.answer(Endpoint(host, 4001)) == .notPermitted)
        #expect(try scene.answer(Endpoint(family == 4 ? "10.9.0.3" : "fd09::3", 4000)) == .notPermitted)
        // Not from another port of the pod's either.
        let other = try scene.pod.process.open(family == 4 ? .udp4 : .udp6)
        #expect(
            try scene.pod.process.run(.sendTo(other, Endpoint(host, 4000), bytes: [2], fastOpen: false)).result
                == .notPermitted)
    }

    @Test func aReplyMayComeFromASocketConnectedForIt() throws {
        let scene = try Scene("--fail-fast")
        defer { scene.node.close() }
        let client = try scene.socket(at: Endpoint("10.9.0.2", 4000))
        try scene.hear(client)
        let session = try scene.pod.process.open(.udp4, .reuseAddress)
        try scene.pod.process.demand(.setOption(scene.server, .reuseAddress))
        try scene.pod.process.demand(.bind(session, scene.from))
        try scene.pod.process.demand(.connect(session, to: Endpoint("10.9.0.2", 4000), timeoutMs: 0))
        try scene.pod.process.demand(.send(session, bytes: [2], timeoutMs: 100))
        #expect(try scene.peer.run(.receive(client, timeoutMs: 1000)).bytes == [2])
    }

    @Test func theTimeForAReplyEnds() throws {
        let scene = try Scene("--no-fail-fast", replySeconds: 1)
        defer { scene.node.close() }
        let client = try scene.socket(at: Endpoint("10.9.0.2", 4000))
        try scene.hear(client)
        #expect(try scene.answer(Endpoint("10.9.0.2", 4000)) == .ok)
        try scene.node.waitUntil("the end of the window") {
            try scene.answer(Endpoint("10.9.0.2", 4000)) == .notPermitted
        }
        try scene.hear(client)
        #expect(try scene.answer(Endpoint("10.9.0.2", 4000)) == .ok)
    }

    @Test(arguments: ["--fail-fast", "--no-fail-fast"])
    func anAnswerToItsOwnQuestionIsNoPermission(option: String) throws {
        let scene = try Scene(option, egress: "[\(Manifest.rule("10.9.0.2/32"))]")
        defer { scene.node.close() }
        let client = try scene.socket(at: Endpoint("10.9.0.2", 4000))
        #expect(try scene.answer(Endpoint("10.9.0.2", 4000)) == .ok)
        try scene.hear(client)
        try scene.node.policy(egress: "[]")
        try scene.node.settle()
        for _ in 0..<3 {
            #expect(try scene.answer(Endpoint("10.9.0.2", 4000)) == .notPermitted, "\(scene.node.state)")
            try scene.hear(client)
        }
    }

    @Test func aForgedRequestOverLoopbackPermitsNothing() throws {
        let scene = try Scene("--no-fail-fast")
        defer { scene.node.close() }
        let stranger = Endpoint("10.9.0.2", 4000)
        for to in [scene.from, Endpoint("127.0.0.1", 5353)] {
            let packet = PacketBytes.ipv4(
                from: stranger.address, to: to.address, protocol: .udp,
                payload: PacketBytes.udp(from: stranger, to: to, payload: [1]))
            _ = try scene.pod.process.run(.sendPacket(packet))
            #expect(try scene.answer(stranger) == .notPermitted)
        }
        // The packet to its own address did arrive.
        #expect(try scene.pod.process.run(.receive(scene.server, timeoutMs: 1000)).peer == stranger)
    }

    /// Whoever may make namespaces may forge any peer in them.
    @Test func aForgedRequestInNamespacesOfThePodsOwnPermitsNothing() throws {
        let scene = try Scene("--no-fail-fast")
        defer { scene.node.close() }
        let inner = try scene.node.lab.network("inner")
        let forger = try inner.host("forger", "10.9.7.1")
        let hearer = try inner.host("hearer", "10.9.0.1")
        let pod = scene.pod.process
        let stranger = Endpoint("10.9.0.2", 4000)
        let ear = pod.newSocketID()
        try pod.demand(.inside(namespace: hearer.path, .open(ear, .udp4)))
        try pod.demand(.bind(ear, scene.from))
        let packet = PacketBytes.ipv4(
            from: stranger.address, to: scene.from.address, protocol: .udp,
            payload: PacketBytes.udp(from: stranger, to: scene.from, payload: [1]))
        try pod.demand(.inside(namespace: forger.path, .sendPacket(packet)))
        // It was heard, by a socket of the pod's at the very port.
        #expect(try pod.run(.receive(ear, timeoutMs: 1000)).peer == stranger)
        #expect(try scene.answer(stranger) == .notPermitted)
        let session = try pod.open(.udp4, .reuseAddress)
        #expect(try pod.run(.sendTo(session, stranger, bytes: [2], fastOpen: false)).result == .notPermitted)
        // A request that is none of the pod's making still gets its reply.
        let client = try scene.socket(at: stranger)
        try scene.hear(client)
        #expect(try scene.answer(stranger) == .ok)
    }
}
