import Glibc
import PacketLab
import PolicyModel
import Testing

/// What the kernel says for a pod has no socket, and is not judged.
@Suite(.serialized) struct KernelPacketTests {
    @Test(
        "an isolated pod's kernel refuses connections and datagrams as any other's", arguments: ["10.9.0.1", "fd09::1"])
    func refusals(to: String) throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        _ = try node.pod("pod", "10.9.0.1", "fd09::1")
        let peer = try node.server("peer", "10.9.0.2", "fd09::2")
        try node.policy(egress: "[]")
        try node.start()
        // A RST; an ICMP error, which a connected socket hears of.
        #expect(try peer.run(.tcpConnect(to: Endpoint(to, 81), timeoutMs: 2000)).result == .refused)
        let (socket, _) = try peer.connect(to.contains(":") ? .udp6 : .udp4, to: Endpoint(to, 81))
        try peer.demand(.send(socket, bytes: [1], timeoutMs: 100))
        #expect(try peer.run(.receive(socket, timeoutMs: 2000)).result == .refused)
        #expect(try peer.ping(address(to)).result == .ok)
    }

    @Test("an isolated pod's kernel tells routers which groups it listens to")
    func groups() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: "[]")
        try node.start()
        let wire = try #require(pod.wire)
        _ = try wire.captured()
        // IP_ADD_MEMBERSHIP: a group, and the interface's address.
        _ = try pod.process.open(
            .udp4, SocketOption(level: Int32(IPPROTO_IP), name: 35, value: [239, 1, 2, 3, 10, 9, 0, 1]))
        // IGMP, to all routers that know version 3.
        try node.waitUntil("a report") {
            try wire.captured().contains { $0.protocol.rawValue == 2 && $0.destination == address("224.0.0.22") }
        }
        #expect(try !pod.passes(.udp, "239.1.2.3", 53))
    }

    @Test("neighbour discovery of a network namespace that the pod makes itself is the pod's own, and refused")
    func neighbourDiscovery() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.pod("pod", "10.9.0.1", "fd09::1")
        try node.policy(egress: "[]")
        try node.start()
        let links = "ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up && sleep 60"
        _ = try node.lab.launch(["unshare", "--net", "sh", "-c", links], in: pod.cgroup, pod.place)
        // A report of multicast listeners, or the question whether another has the address.
        _ = try node.awaitLog("DENIED default/pod to ff02::")
    }
}
