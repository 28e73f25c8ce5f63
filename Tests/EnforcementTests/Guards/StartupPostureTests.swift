import KernelDatapath
import PacketLab
import PolicyModel
import Testing
import VerdictTables

/// A cgroup below kubepods whose pod nobody has told of yet.
@Suite(.serialized) struct StartupPostureTests {
    private func wire(_ node: EnforcedNode) throws -> (EnforcedPod, Wire) {
        let wire = try node.lab.wire()
        try wire.setAddresses([address("10.9.0.1"), address("fd09::1")])
        let pod = try node.stranger("pod", on: wire.namespace)
        pod.wire = wire
        return (pod, wire)
    }

    @Test("an unknown pod meets the guards alone") func anUnknownPodMeetsTheGuardsAlone() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let (pod, _) = try wire(node)
        try node.policy(egress: "[]")
        try node.start()
        #expect(try pod.passes(.tcp, "10.9.0.4", 80))
        #expect(try !pod.passes(.tcp, "169.254.169.254", 80))
        #expect(try pod.passes(.udp, "169.254.169.254", 53))
        pod.manifest = Manifest.Pod("pod", "default", ["10.9.0.1"])
        try node.introduce(pod)
        try node.settle()
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
    }

    @Test("a held pod sends nothing and sees no error", arguments: ["--fail-fast", "--no-fail-fast"])
    func aHeldPodSendsNothingAndSeesNoError(option: String) throws {
        let node = try EnforcedNode("--startup-posture", "hold", option)
        defer { node.close() }
        let (pod, _) = try wire(node)
        try node.start()
        for number in [IPProtocol.tcp, .udp, .sctp, .icmp] {
            for to in ["10.9.0.4", "fd09::4"] {
                let (result, left) = try pod.send(number, to, 80)
                #expect(!left)
                // The kernel tells raw IPv6 sockets of congestion, by an error that means "again".
                let isRaw6 = number != .tcp && number != .udp && to == "fd09::4"
                #expect(result == (isRaw6 ? "EAGAIN" : .ok), "\(number) \(to)")
            }
        }
        #expect(try !pod.passes(.tcp, "169.254.169.254", 80))
        let socket = try pod.process.open(.udp4)
        try pod.process.demand(.sendTo(socket, Endpoint("10.9.0.4", 80), bytes: [1], fastOpen: false))
        pod.manifest = Manifest.Pod("pod", "default", ["10.9.0.1"])
        try node.introduce(pod)
        try node.settle()
        let wire = try #require(pod.wire)
        #expect(try wire.captured().isEmpty)
        try pod.process.demand(.sendTo(socket, Endpoint("10.9.0.4", 80), bytes: [1], fastOpen: false))
        #expect(try wire.captured().count == 1)
        #expect(try pod.passes(.tcp, "10.9.0.4", 80))
    }

    @Test("a held connection succeeds when the pod is known") func aHeldConnectionSucceedsWhenThePodIsKnown() throws {
        let node = try EnforcedNode("--startup-posture", "hold")
        defer { node.close() }
        let server = try node.server("server", "10.9.0.2")
        try server.serveEcho(.tcp4, at: Endpoint("10.9.0.2", 80))
        let pod = try node.stranger("pod", on: node.network().host("pod", [address("10.9.0.1")]))
        try node.start()
        let held = Busy(pod.process, .tcpExchange(to: Endpoint("10.9.0.2", 80), bytes: [1], timeoutMs: 10_000))
        let tables = try KernelTables(pins: node.pins)
        try node.waitUntil("a held packet") { try tables.counters(slot: 0).held.packets > 0 }
        pod.manifest = Manifest.Pod("pod", "default", ["10.9.0.1"])
        try node.policy(egress: "[\(Manifest.rule("10.9.0.2/32"))]")
        try node.introduce(pod)
        try node.settle()
        #expect(try held.wait().bytes == [1])
    }

    @Test("a held pod answers who connects to it") func aHeldPodAnswersWhoConnectsToIt() throws {
        let node = try EnforcedNode("--startup-posture", "hold")
        defer { node.close() }
        let peer = try node.server("peer", "10.9.0.2")
        let pod = try node.stranger("pod", on: node.network().host("pod", [address("10.9.0.1")]))
        try pod.process.serveEcho(.tcp4, at: Endpoint("10.9.0.1", 80))
        try node.start()
        let (client, response) = try peer.connect(to: Endpoint("10.9.0.1", 80))
        #expect(response.result == .ok)
        #expect(try peer.roundTrip(client) == .ok)
        // And reaches itself.
        #expect(try pod.tcp(Endpoint("10.9.0.1", 80)) == .ok)
        #expect(try pod.tcp(Endpoint("127.0.0.1", 81)) == .refused)
    }

    @Test("a pod whose cgroup comes later is found") func aPodWhoseCgroupComesLaterIsFound() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        try node.policy(egress: "[]")
        try node.write("early.yaml", Manifest.Pod("pod", "default", ["10.9.0.1"]).text)
        try node.start()
        let (pod, _) = try wire(node)
        let tables = try KernelTables(pins: node.pins)
        try node.waitUntil("the pod") { try tables.pod(CgroupID(rawValue: pod.cgroup.id)) != nil }
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
    }
}
