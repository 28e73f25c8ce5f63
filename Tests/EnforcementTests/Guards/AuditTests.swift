import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// What would be denied passes and is reported.
@Suite(.serialized) struct AuditTests {
    private func expectAudit(_ node: EnforcedNode, _ pod: EnforcedPod) throws {
        let before = try node.counters(pod)
        for (number, port) in [(IPProtocol.tcp, UInt16(80)), (.udp, 53), (.sctp, 5000), (.icmp, 0)] {
            #expect(try pod.passes(number, "10.9.0.4", port))
            #expect(try pod.passes(number, "fd09::4", port))
        }
        let after = try node.counters(pod)
        #expect(after.audit.packets - before.audit.packets == 8)
        #expect(after.denied.packets == before.denied.packets)
        for words in [["10.9.0.4:80", "TCP"], ["[fd09::4]:53", "UDP"], ["10.9.0.4", "ICMP"]] {
            _ = try node.awaitLog("AUDIT default/pod", words[0], words[1], "isolated by policy default/policy")
        }
        // Guards have their own switch.
        #expect(try !pod.passes(.tcp, "169.254.169.254", 80))
        #expect(try !pod.passes(.tcp, "64:ff9b::a9fe:a9fe", 80))
    }

    @Test("a node in audit mode denies nothing", arguments: ["--fail-fast", "--no-fail-fast"])
    func aNodeInAuditModeDeniesNothing(option: String) throws {
        let node = try EnforcedNode("--enforcement", "audit", option)
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: "[]")
        try node.start()
        try expectAudit(node, pod)
    }

    @Test("a namespace in audit mode denies nothing") func aNamespaceInAuditModeDeniesNothing() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod()
        let other = try node.wirePod("other", namespace: "strict", "10.9.0.11")
        try node.write("namespace.yaml", Manifest.namespace("default", labels: "{sluice.dev/enforcement: audit}"))
        try node.policy(egress: "[]")
        try node.policy("strict", namespace: "strict", egress: "[]")
        try node.start()
        try expectAudit(node, pod)
        #expect(try !other.passes(.tcp, "10.9.0.4", 80))
    }

    @Test("a namespace goes into audit mode and back under traffic")
    func aNamespaceGoesIntoAuditModeAndBackUnderTraffic() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.pod("pod", "10.9.0.1")
        let server = try node.server("server", "10.9.0.2")
        try server.serveEcho(.tcp4, at: Endpoint("10.9.0.2", 80))
        try node.policy(egress: "[]")
        try node.write("namespace.yaml", Manifest.namespace("default", labels: "{sluice.dev/enforcement: audit}"))
        try node.start()
        for _ in 0..<3 {
            let (socket, response) = try pod.process.connect(to: Endpoint("10.9.0.2", 80))
            #expect(response.result == .ok)
            #expect(try pod.process.roundTrip(socket) == .ok)
            try node.write("namespace.yaml", Manifest.namespace("default", labels: "{}"))
            try node.settle()
            #expect(try pod.process.roundTrip(socket, timeoutMs: 300) != .ok)
            #expect(try pod.tcp(Endpoint("10.9.0.2", 80), timeoutMs: 200) == .timedOut)
            try node.write("namespace.yaml", Manifest.namespace("default", labels: "{sluice.dev/enforcement: audit}"))
            try node.settle()
        }
    }

    /// Only cluster-scoped objects and the agent's configuration may weaken enforcement.
    @Test("nothing on the pod itself weakens enforcement") func nothingOnThePodItselfWeakensEnforcement() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod(labels: "{sluice.dev/enforcement: audit, sluice.dev/metadata: allow}")
        try node.policy(egress: "[]")
        try node.start()
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
        #expect(try !pod.passes(.tcp, "169.254.169.254", 80))
    }
}
