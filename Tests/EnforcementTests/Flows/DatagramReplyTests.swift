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

        /// - Parameters:
        ///   - family: 4 or 6.
        ///   - sources: the guard of sources, which is off where peers are forged.
        init(
            _ option: String, family: Int = 4, replySeconds: Int = 60, egress: String = "[]",
            sources: String = "enforce"
        ) throws {
            node = try EnforcedNode(
                option, config: "replySeconds: \(replySeconds)\nguards: {sources: {mode: '\(sources)'}}\n")
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

    @Test("a request gets its reply and nobody else does", arguments: ["--fail-fast", "--no-fail-fast"], [4, 6])
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

    @Test("a reply may come from a socket connected for it") func aReplyMayComeFromASocketConnectedForIt() throws {
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

    @Test("F2: any socket of a server may answer: of a group, connected to the peer, or made since the request")
    func anySocketOfTheServerMayAnswer() throws {
        let scene = try Scene("--fail-fast")
        defer { scene.node.close() }
        let pod = scene.pod.process
        func server(_ options: SocketOption...) throws -> SocketID {
            let socket = try pod.open(.udp4)
            for option in options { try pod.demand(.setOption(socket, option)) }
            try pod.demand(.bind(socket, Endpoint("10.9.0.1", 6000)))
            return socket
        }
        let group = try (0..<4).map { _ in try server(.reusePort) }
        let clients = try (0..<200).map { try scene.socket(at: Endpoint("10.9.0.2", 4000 + UInt16($0))) }
        for client in clients {
            try scene.peer.demand(.sendTo(client, Endpoint("10.9.0.1", 6000), bytes: [1], fastOpen: false))
        }
        for (index, socket) in group.enumerated() {
            let answered = try pod.run(
                .sendAcross(socket, Endpoint("10.9.0.2", 4000 + UInt16(index * 50)), ports: 50, bytes: [2]))
            #expect(answered.count == 50, "by the group's socket \(index)")
        }
        // Connected to the peer, beside the group (DTLS, QUIC).
        var connected = 0
        for index in 0..<200 {
            let session = try server(.reusePort)
            try pod.demand(.connect(session, to: Endpoint("10.9.0.2", 4000 + UInt16(index)), timeoutMs: 0))
            if try pod.run(.send(session, bytes: [3], timeoutMs: 100)).isOK { connected += 1 }
            try pod.demand(.close(session))
        }
        #expect(connected == 200)
        for socket in group { try pod.demand(.close(socket)) }
        let later = try server()
        let restarted = try pod.run(.sendAcross(later, Endpoint("10.9.0.2", 4000), ports: 200, bytes: [4]))
        #expect(restarted.count == 200, "by the server that was started anew")
        #expect(
            try pod.run(.sendTo(later, Endpoint("10.9.0.2", 4999), bytes: [4], fastOpen: false)).result == .notPermitted
        )
    }

    @Test("the time for a reply ends") func theTimeForAReplyEnds() throws {
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

    @Test("an answer to its own question is no permission", arguments: ["--fail-fast", "--no-fail-fast"])
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

    @Test("a forged request over loopback permits nothing") func aForgedRequestOverLoopbackPermitsNothing() throws {
        let scene = try Scene("--no-fail-fast", sources: "off")
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
    @Test("F2: what was heard in a namespace of the pod's own permits nothing outside")
    func aForgedRequestInNamespacesOfThePodsOwnPermitsNothing() throws {
        let scene = try Scene("--no-fail-fast", egress: "[\(Manifest.rule("10.9.0.1/32"))]", sources: "off")
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
        // It is heard, by a socket of the pod's at the very port; a bridge that was just made may drop the first ones.
        try scene.node.waitUntil("the forged request") {
            try pod.demand(.inside(namespace: forger.path, .sendPacket(packet)))
            return try pod.run(.receive(ear, timeoutMs: 1000)).peer == stranger
        }
        #expect(try scene.answer(stranger) == .notPermitted)
        let session = try pod.open(.udp4, .reuseAddress)
        #expect(try pod.run(.sendTo(session, stranger, bytes: [2], fastOpen: false)).result == .notPermitted)
        let sameAddress = try pod.open(.udp4, .reuseAddress)
        try pod.demand(.setOption(scene.server, .reuseAddress))
        try pod.demand(.bind(sameAddress, scene.from))
        #expect(try pod.run(.sendTo(sameAddress, stranger, bytes: [2], fastOpen: false)).result == .notPermitted)
        try pod.demand(.close(sameAddress))
        // A request that is none of the pod's making still gets its reply.
        let client = try scene.socket(at: stranger)
        try scene.hear(client)
        #expect(try scene.answer(stranger) == .ok)
    }
}
