import Glibc
import PacketLab
import PolicyModel
import Testing

/// What was found to be fine on one way says nothing of another.
@Suite(.serialized) struct ElsewhereTests {
    /// IP_UNICAST_IF: an interface's index in network order; 0: as routes say. Needs no capability.
    private func sends(by interface: UInt8) -> SocketOption {
        SocketOption(level: Int32(IPPROTO_IP), name: 50, value: [0, 0, 0, interface])
    }

    @Test("a datagram that stays inside does not open its destination outside", arguments: Mode.allCases)
    func datagrams(mode: Mode) throws {
        let (node, pod) = try mode.scene()
        defer { node.close() }
        let wire = try #require(pod.wire)
        // Whoever hears on the port keeps the sendmsg hook from refusing.
        try pod.process.demand(.bind(try pod.process.open(.udp4), Endpoint("0.0.0.0", 5353)))
        let socket = try pod.process.open(.udp4, sends(by: 1))
        func send() throws {
            _ = try pod.process.run(.sendTo(socket, Endpoint("10.9.0.4", 5353), bytes: [1], fastOpen: false))
        }
        _ = try wire.captured()
        try send()
        try pod.process.demand(.setOption(socket, sends(by: 0)))
        for _ in 0..<3 { try send() }
        #expect(try wire.captured().isEmpty)
        // What is allowed anyway is so both ways.
        try pod.process.demand(.setOption(socket, sends(by: 1)))
        _ = try pod.process.run(.sendTo(socket, Endpoint("10.9.0.2", 53), bytes: [1], fastOpen: false))
        try pod.process.demand(.setOption(socket, sends(by: 0)))
        _ = try pod.process.run(.sendTo(socket, Endpoint("10.9.0.2", 53), bytes: [1], fastOpen: false))
        #expect(try wire.captured().map(\.destinationPort) == [53])
    }

    @Test("what a cgroup may tell itself before its pod is known is held outside")
    func held() throws {
        let node = try EnforcedNode("--startup-posture", "hold")
        defer { node.close() }
        try node.start()
        let wire = try node.lab.wire()
        try wire.setAddresses([address("10.9.0.1")])
        let stranger = try node.stranger("unknown", on: wire.namespace)
        let socket = try stranger.process.open(.udp4, sends(by: 1))
        func send() throws {
            _ = try stranger.process.run(.sendTo(socket, Endpoint("10.9.0.3", 53), bytes: [1], fastOpen: false))
        }
        _ = try wire.captured()
        try send()
        try stranger.process.demand(.setOption(socket, sends(by: 0)))
        try send()
        #expect(try wire.captured().isEmpty)
    }

    @Test("loopback addresses are the pod itself on loopback alone")
    func loopbackElsewhere() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        let wire = try #require(pod.wire)
        let interface = try #require(Optional("eth0"))
        let socket = try pod.process.open(
            .udp4, SocketOption(level: SOL_SOCKET, name: SO_BINDTODEVICE, value: Array(interface.utf8)))
        _ = try wire.captured()
        _ = try pod.process.run(.sendTo(socket, Endpoint("127.0.0.9", 53), bytes: [1], fastOpen: false))
        #expect(try wire.captured().isEmpty)
    }

    @Test("a route in the packets of a connection that stands is refused", arguments: ["10.9.0.2", "fd09::2"])
    func routesOfConnections(to: String) throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.pod("pod", "10.9.0.1", "fd09::1")
        let server = try node.server("server", "10.9.0.2", "fd09::2")
        try server.serveEcho(.tcp6, at: Endpoint("::", 80), .ipv6Only(false))
        try node.policy(egress: Scene.egress)
        try node.start()
        let (socket, response) = try pod.process.connect(to: Endpoint(to, 80))
        #expect(response.isOK)
        #expect(try pod.process.roundTrip(socket) == .ok)
        // LSRR by a guarded address; a segment routing header (RFC 8754) by another.
        let route =
            to.contains(":")
            ? SocketOption(
                level: Int32(IPPROTO_IPV6), name: IPV6_RTHDR,
                value: [0, 2, 4, 0, 0, 0, 0, 0, 0xfd, 9] + [UInt8](repeating: 0, count: 13) + [4])
            : SocketOption.ipOptions([131, 7, 4, 169, 254, 169, 254, 0])
        try pod.process.demand(.setOption(socket, route))
        #expect(try pod.process.roundTrip(socket, timeoutMs: 300) != .ok)
        _ = try node.awaitLog("source-routed packets are refused")
        // Without it the connection goes on: what was dropped is sent again.
        try pod.process.demand(
            .setOption(
                socket,
                to.contains(":")
                    ? SocketOption(level: Int32(IPPROTO_IPV6), name: IPV6_RTHDR, value: []) : .ipOptions([])))
        #expect(try pod.process.run(.receive(socket, timeoutMs: 3000)).bytes == [1, 2, 3])
    }

    @Test("options that are no route do not end a connection that a peer began")
    func harmlessOptions() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.pod("pod", "10.9.0.1", "fd09::1")
        let peer = try node.server("peer", "10.9.0.4", "fd09::4")
        try node.policy(egress: Scene.egress)
        try node.start()
        let listener = try pod.process.open(.tcp4)
        try pod.process.demand(.bind(listener, Endpoint("10.9.0.1", 80)))
        try pod.process.demand(.listen(listener, backlog: 4))
        let (client, response) = try peer.connect(to: Endpoint("10.9.0.1", 80))
        #expect(response.isOK)
        let accepted = 99
        try pod.process.demand(.accept(listener, as: accepted, timeoutMs: 1000))
        // No operation, four times.
        try pod.process.demand(.setOption(accepted, .ipOptions([1, 1, 1, 1])))
        try pod.process.demand(.send(accepted, bytes: [5], timeoutMs: 1000))
        #expect(try peer.run(.receive(client, timeoutMs: 2000)).bytes == [5])
    }
}
