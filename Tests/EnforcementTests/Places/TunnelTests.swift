import PacketLab
import PolicyModel
import Testing

/// What a pod with CAP_NET_ADMIN may do with devices of its own. Its packets then are nobody's socket's.
@Suite(.serialized) struct TunnelTests {
    private let packet = PacketBytes.ipv4(
        from: address("10.200.0.2"), to: address("10.9.0.4"), protocol: .udp,
        payload: PacketBytes.udp(from: Endpoint("10.200.0.2", 4000), to: Endpoint("10.9.0.4", 53), payload: [1]))

    @Test("packets from a TUN device that the pod's namespace forwards are not prevented")
    func forwarded() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        let wire = try #require(pod.wire)
        let tun = pod.process.newSocketID()
        try pod.process.demand(.openTun(tun, name: "tun0"))
        try pod.place.configure("addr add 10.200.0.1/24 dev tun0", "link set tun0 up")
        try pod.place.set("ipv4/ip_forward", "1")
        #expect(try !pod.passes(.udp, "10.9.0.4", 53))
        _ = try wire.captured()
        try pod.process.demand(.write(tun, packet))
        #expect(try wire.captured().map(\.destination) == [address("10.9.0.4")])
    }

    @Test("a TUN device in a namespace of the pod's own leads nowhere")
    func inside() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        let wire = try #require(pod.wire)
        let child = try node.lab.namespace("child")
        let tun = pod.process.newSocketID()
        try pod.process.demand(.inside(namespace: child.path, .openTun(tun, name: "tun0")))
        try child.configure("addr add 10.200.0.1/24 dev tun0", "link set tun0 up", "route add default dev tun0")
        try child.set("ipv4/ip_forward", "1")
        _ = try wire.captured()
        try pod.process.demand(.write(tun, packet))
        #expect(try wire.captured().isEmpty)
        // What a user-space stack does there with it, it does by sockets of the pod's.
        #expect(try !pod.passes(.udp, "10.9.0.4", 53))
        #expect(try pod.passes(.udp, "10.9.0.2", 53))
    }

    @Test("what is put into a tunnel is judged, and the packet around it is not")
    func tunnelled() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: "[\(Manifest.rule("192.168.77.0/25"))]")
        try node.start()
        let wire = try #require(pod.wire)
        try pod.place.configure(
            "link add vxlan0 type vxlan id 7 remote 10.9.0.4 dstport 4789 dev eth0", "link set vxlan0 up",
            "addr add 192.168.77.1/24 dev vxlan0",
            "neigh add 192.168.77.2 lladdr 02:00:00:00:00:02 dev vxlan0",
            "neigh add 192.168.77.200 lladdr 02:00:00:00:00:02 dev vxlan0")
        let socket = try pod.process.open(.udp4)
        func leaves(_ to: String) throws -> Bool {
            _ = try wire.captured()
            _ = try pod.process.run(.sendTo(socket, Endpoint(to, 53), bytes: [1], fastOpen: false))
            return try wire.captured().contains {
                $0.destination == address("10.9.0.4") && $0.destinationPort == 4789
            }
        }
        #expect(try !pod.passes(.udp, "10.9.0.4", 4789))
        #expect(try !leaves("192.168.77.200"))
        #expect(try leaves("192.168.77.2"))
    }
}
