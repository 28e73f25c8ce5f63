import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// Subflows that the kernel itself adds to a connection of MPTCP (RFC 8684, section 3.2).
@Suite struct SubflowTests {
    @Test(
        "a subflow to an address that the peer announces is judged as the pod's own",
        .enabled(if: SocketKindTests.hasMultipath, SocketKindTests.needsMultipath), arguments: [false, true])
    func announced(isAllowed: Bool) throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.pod("pod", "10.9.0.1")
        let place = try node.network().host("peer", ["10.9.0.2", "10.9.0.4"].map(address))
        let peer = try node.lab.start("peer", in: node.lab.cgroup("servers/peer"), place)
        try pod.place.configure("mptcp limits set subflows 2 add_addr_accepted 2")
        try place.configure("mptcp limits set subflows 2", "mptcp endpoint add 10.9.0.4 signal")
        try peer.serveEcho(.mptcp4, at: Endpoint("0.0.0.0", 80))
        let blocks = ["10.9.0.2/32"] + (isAllowed ? ["10.9.0.4/32"] : [])
        try node.policy(egress: "[{to: [\(blocks.map { "{ipBlock: {cidr: \($0)}}" }.joined(separator: ", "))]}]")
        try node.start()

        let (client, response) = try pod.process.connect(.mptcp4, to: Endpoint("10.9.0.2", 80))
        #expect(response.result == .ok)
        try node.waitUntil("the subflow") {
            #expect(try pod.process.roundTrip(client) == .ok)
            let counters = try node.counters(pod)
            return isAllowed ? counters.allowed.flows == 2 : counters.denied.packets > 0
        }
        #expect(try (node.counters(pod).denied.packets == 0) == isAllowed)
        try node.waitUntil("the report of it") {
            try node.observe(["--verdict", isAllowed ? "ALLOWED" : "DENIED"]).contains("10.9.0.4")
        }
    }
}
