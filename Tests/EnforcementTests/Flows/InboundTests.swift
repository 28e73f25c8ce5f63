import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// A pod that may connect to nobody still answers those who connect to it.
@Suite(.serialized) struct InboundTests {
    private struct Scene {
        let node: EnforcedNode
        let pod: EnforcedPod
        let peer: PodProcess

        /// A pod with no egress at all, and a peer that serves TCP 80.
        init(_ options: String..., egress: String = "[]") throws {
            node = try EnforcedNode(options.first ?? "--fail-fast")
            pod = try node.pod("pod", "10.9.0.1", "fd09::1")
            peer = try node.server("peer", "10.9.0.2", "fd09::2")
            try peer.serveEcho(.tcp6, at: Endpoint("::", 80), .ipv6Only(false))
            try node.policy(egress: egress)
            try node.start()
        }

        func listener(_ options: SocketOption...) throws -> SocketID {
            let listener = try pod.process.open(.tcp4, .reuseAddress)
            for option in options { try pod.process.demand(.setOption(listener, option)) }
            try pod.process.demand(.bind(listener, Endpoint("10.9.0.1", 8080)))
            try pod.process.demand(.listen(listener, backlog: 16))
            return listener
        }

        /// A connection by the peer: its socket, and the pod's.
        func accept(_ listener: SocketID) throws -> (client: SocketID, accepted: SocketID) {
            let (client, response) = try peer.connect(to: Endpoint("10.9.0.1", 8080))
            #expect(response.result == .ok)
            let accepted = pod.process.newSocketID()
            try pod.process.demand(.accept(listener, as: accepted, timeoutMs: 1000))
            return (client, accepted)
        }
    }

    @Test("many inbound connections work both ways") func manyInboundConnectionsWorkBothWays() throws {
        let scene = try Scene()
        defer { scene.node.close() }
        try scene.pod.process.serveEcho(.tcp6, at: Endpoint("::", 8080), .ipv6Only(false))
        for to in ["10.9.0.1", "fd09::1"] {
            var clients: [SocketID] = []
            for _ in 0..<100 {
                let (client, response) = try scene.peer.connect(to: Endpoint(to, 8080))
                #expect(response.result == .ok)
                clients.append(client)
            }
            for round in 0..<2 {
                for client in clients {
                    #expect(try scene.peer.roundTrip(client, bytes: Array(repeating: 9, count: 3000)) == .ok)
                }
                // Judged again after a change, and inbound still.
                if round == 0 { try scene.node.settle() }
            }
        }
        #expect(try scene.node.counters(scene.pod).denied.packets == 0)
        #expect(try scene.pod.tcp(Endpoint("10.9.0.2", 80)) == .notPermitted)
    }

    @Test("a listener that connects out is judged afresh", arguments: ["--fail-fast", "--no-fail-fast"])
    func aListenerThatConnectsOutIsJudgedAfresh(option: String) throws {
        let scene = try Scene(option)
        defer { scene.node.close() }
        let listener = try scene.listener()
        _ = try scene.accept(listener)
        try scene.pod.process.demand(.disconnect(listener))
        let out = try scene.pod.process.run(.connect(listener, to: Endpoint("10.9.0.2", 80), timeoutMs: 300))
        #expect(out.result == (option == "--fail-fast" ? .notPermitted : .timedOut))
    }

    @Test("an accepted socket that connects out is judged afresh", arguments: ["--fail-fast", "--no-fail-fast"])
    func anAcceptedSocketThatConnectsOutIsJudgedAfresh(option: String) throws {
        let scene = try Scene(option)
        defer { scene.node.close() }
        let listener = try scene.listener()
        let (client, accepted) = try scene.accept(listener)
        try scene.peer.demand(.send(client, bytes: [1], timeoutMs: 1000))
        #expect(try scene.pod.process.run(.receive(accepted, timeoutMs: 1000)).bytes == [1])
        try scene.pod.process.demand(.disconnect(accepted))
        let out = try scene.pod.process.run(.connect(accepted, to: Endpoint("10.9.0.2", 80), timeoutMs: 300))
        #expect(out.result == (option == "--fail-fast" ? .notPermitted : .timedOut))
    }

    @Test("a socket that listens and connects again and again is judged each time")
    func aSocketThatListensAndConnectsAgainAndAgainIsJudgedEachTime() throws {
        let allowed = "[\(Manifest.rule("fd09::2/128", "10.9.0.2/32", ports: "[{port: 80}]"))]"
        let scene = try Scene("--no-fail-fast", egress: allowed)
        defer { scene.node.close() }
        try scene.peer.serveEcho(.tcp4, at: Endpoint("10.9.0.2", 81))
        for _ in 0..<3 {
            let socket = try scene.listener()
            _ = try scene.accept(socket)
            for (port, result) in [(UInt16(80), ErrnoName.ok), (81, .timedOut)] {
                try scene.pod.process.demand(.disconnect(socket))
                let out = try scene.pod.process.run(
                    .connect(socket, to: Endpoint("10.9.0.2", port), timeoutMs: 300))
                #expect(out.result == result)
            }
            try scene.pod.process.demand(.close(socket))
        }
    }

    /// The mark is the accepted socket's own: no listener is left that could vouch for it.
    @Test(
        "an accepted connection outlives its listener", arguments: [("10.9.0.1", SocketKind.tcp4), ("fd09::1", .tcp6)])
    func anAcceptedConnectionOutlivesItsListener(to: String, kind: SocketKind) throws {
        let scene = try Scene()
        defer { scene.node.close() }
        let pod = scene.pod.process
        let listener = try pod.open(kind, .reuseAddress)
        try pod.demand(.bind(listener, Endpoint(to, 8080)))
        try pod.demand(.listen(listener, backlog: 16))
        let (client, response) = try scene.peer.connect(kind, to: Endpoint(to, 8080))
        #expect(response.result == .ok)
        let accepted = pod.newSocketID()
        try pod.demand(.accept(listener, as: accepted, timeoutMs: 1000))
        try pod.demand(.close(listener))
        for round in 0..<3 {
            try pod.demand(.send(accepted, bytes: [UInt8(round)], timeoutMs: 1000))
            #expect(try scene.peer.run(.receive(client, timeoutMs: 1000)).bytes == [UInt8(round)])
            // Judged again after a change.
            try scene.node.settle()
        }
        #expect(try scene.node.counters(scene.pod).denied.packets == 0)
    }

    @Test("a Fast Open server answers") func aFastOpenServerAnswers() throws {
        let scene = try Scene()
        defer { scene.node.close() }
        try scene.pod.process.serveEcho(.tcp4, at: Endpoint("10.9.0.1", 8080), .fastOpenQueue(16))
        for _ in 0..<3 {
            let fast = try scene.peer.open(.tcp4)
            try scene.peer.demand(.sendTo(fast, Endpoint("10.9.0.1", 8080), bytes: [6], fastOpen: true))
            #expect(try scene.peer.run(.receive(fast, timeoutMs: 2000)).bytes == [6])
        }
        #expect(try scene.node.counters(scene.pod).denied.packets == 0)
    }

    @Test("a multipath TCP server answers") func aMultipathServerAnswers() throws {
        let scene = try Scene()
        defer { scene.node.close() }
        let probe = scene.pod.process.newSocketID()
        guard try scene.pod.process.run(.open(probe, .mptcp4)).isOK else { return print("no MPTCP sockets here") }
        try scene.pod.process.serveEcho(.mptcp4, at: Endpoint("10.9.0.1", 8080))
        for kind in [SocketKind.mptcp4, .tcp4] {
            let (client, response) = try scene.peer.connect(kind, to: Endpoint("10.9.0.1", 8080))
            #expect(response.result == .ok)
            #expect(try scene.peer.roundTrip(client) == .ok)
        }
    }
}
