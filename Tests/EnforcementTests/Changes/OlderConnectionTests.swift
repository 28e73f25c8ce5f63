import PacketLab
import PolicyModel
import Testing

/// Connections that were there before the agent.
@Suite(.serialized) struct OlderConnectionTests {
    private struct Scene {
        let node: EnforcedNode
        let pod: EnforcedPod
        let peer: PodProcess

        init() throws {
            node = try EnforcedNode()
            pod = try node.pod("pod", "10.9.0.1", "fd09::1")
            peer = try node.server("peer", "10.9.0.2", "fd09::2")
            try peer.serveEcho(.tcp6, at: Endpoint("::", 80), .ipv6Only(false))
            try peer.serveEcho(.tcp6, at: Endpoint("::", 81), .ipv6Only(false))
        }

        func goes(_ process: PodProcess, _ socket: SocketID) throws -> Bool {
            try process.roundTrip(socket, timeoutMs: 500) == .ok
        }
    }

    @Test("outbound ones go on as policy allows", arguments: ["10.9.0.2", "fd09::2"])
    func outboundOnesGoOnAsPolicyAllows(host: String) throws {
        let scene = try Scene()
        defer { scene.node.close() }
        let allowed = try scene.pod.process.connect(to: Endpoint(host, 80)).id
        let denied = try scene.pod.process.connect(to: Endpoint(host, 81)).id
        #expect(try scene.goes(scene.pod.process, allowed))
        #expect(try scene.goes(scene.pod.process, denied))
        try scene.node.policy(egress: "[{ports: [{port: 80}]}]")
        try scene.node.start()
        #expect(try scene.goes(scene.pod.process, allowed))
        #expect(try !scene.goes(scene.pod.process, denied))
    }

    @Test("inbound ones go on while their listener is there", arguments: ["10.9.0.1", "fd09::1"])
    func inboundOnesGoOnWhileTheirListenerIsThere(host: String) throws {
        let scene = try Scene()
        defer { scene.node.close() }
        try scene.pod.process.serveEcho(.tcp6, at: Endpoint("::", 8080), .ipv6Only(false))
        let client = try scene.peer.connect(to: Endpoint(host, 8080)).id
        let idle = try scene.peer.connect(to: Endpoint(host, 8080)).id
        #expect(try scene.goes(scene.peer, client))
        try scene.node.policy(egress: "[]")
        try scene.node.start()
        #expect(try scene.goes(scene.peer, client))
        #expect(try scene.goes(scene.peer, idle))
        try scene.node.settle()
        #expect(try scene.goes(scene.peer, client))
    }

    @Test("inbound ones without listener are judged as outbound")
    func inboundOnesWithoutListenerAreJudgedAsOutbound() throws {
        let scene = try Scene()
        defer { scene.node.close() }
        let process = scene.pod.process
        var ends: [(client: SocketID, accepted: SocketID)] = []
        for port: UInt16 in [8080, 8081] {
            let listener = try process.open(.tcp4)
            try process.demand(.bind(listener, Endpoint("10.9.0.1", port)))
            try process.demand(.listen(listener, backlog: 4))
            let client = try scene.peer.connect(to: Endpoint("10.9.0.1", port)).id
            let accepted = process.newSocketID()
            try process.demand(.accept(listener, as: accepted, timeoutMs: 1000))
            try process.demand(.close(listener))
            ends.append((client, accepted))
        }
        try scene.node.policy(egress: "[]")
        try scene.node.start()
        try process.demand(.send(ends[0].accepted, bytes: [1], timeoutMs: 100))
        #expect(try scene.peer.run(.receive(ends[0].client, timeoutMs: 500)).result == .timedOut)
        // Allowed as an outbound one, the other goes on.
        try scene.node.policy(egress: "[\(Manifest.rule("10.9.0.2/32"))]")
        try scene.node.settle()
        try process.demand(.send(ends[1].accepted, bytes: [1], timeoutMs: 100))
        #expect(try scene.peer.run(.receive(ends[1].client, timeoutMs: 1000)).bytes == [1])
    }

    @Test("datagrams are judged from the first on") func datagramsAreJudgedFromTheFirstOn() throws {
        let scene = try Scene()
        defer { scene.node.close() }
        try scene.peer.serveEcho(.udp4, at: Endpoint("10.9.0.2", 53))
        let socket = try scene.pod.process.connect(.udp4, to: Endpoint("10.9.0.2", 53)).id
        #expect(try scene.goes(scene.pod.process, socket))
        try scene.node.policy(egress: "[]")
        try scene.node.start()
        #expect(try scene.pod.process.run(.send(socket, bytes: [1], timeoutMs: 100)).result == .notPermitted)
    }

    /// A socket without room for a verdict could be taken for such a connection: it must not begin.
    @Test("a socket without room for a verdict connects nowhere")
    func aSocketWithoutRoomForAVerdictConnectsNowhere() throws {
        let scene = try Scene()
        defer { scene.node.close() }
        // Kernels before 6.7 have one limit for all namespaces, which is not the test's to change.
        guard (try? scene.pod.place.set("core/optmem_max", "0")) != nil else {
            return print("net.core.optmem_max is not per namespace here")
        }
        try scene.node.policy(egress: "[\(Manifest.rule("10.9.0.2/32"))]")
        try scene.node.start()
        #expect(try scene.pod.tcp(Endpoint("10.9.0.2", 80), timeoutMs: 300) != .ok)
        try scene.pod.place.set("core/optmem_max", "131072")
        #expect(try scene.pod.tcp(Endpoint("10.9.0.2", 80)) == .ok)
    }
}
