import PacketLab
import PolicyModel
import Testing

/// What leaves a pod, by transport protocol; every packet that leaves is captured.
@Suite(.serialized) struct TransportTests {
    @Test("TCP passes to allowed ports alone", arguments: Mode.allCases) func tcpPassesToAllowedPortsAlone(mode: Mode)
        throws
    {
        let (node, pod) = try mode.scene()
        defer { node.close() }
        let refusal: ErrnoName = mode == .failFast ? .notPermitted : .ok
        for family in 0...1 {
            #expect(try pod.send(.tcp, Scene.ports[family], 80) == (.ok, true))
            #expect(try pod.send(.tcp, Scene.ports[family], 81) == (refusal, false))
            #expect(try pod.send(.tcp, Scene.open[family], 81) == (.ok, true))
            #expect(try pod.send(.tcp, Scene.denied[family], 80) == (refusal, false))
        }
    }

    @Test(
        "UDP passes to allowed ports alone", arguments: Mode.allCases,
        [ProbeBatch.Datagrams.connected, .unconnected, .shared])
    func udpPassesToAllowedPortsAlone(mode: Mode, how: ProbeBatch.Datagrams) throws {
        let (node, pod) = try mode.scene()
        defer { node.close() }
        for family in 0...1 {
            #expect(try pod.send(.udp, Scene.ports[family], 53, how) == (.ok, true))
            // Egress tells the sender too: a dropped datagram is EPERM.
            #expect(try pod.send(.udp, Scene.ports[family], 54, how) == (.notPermitted, false))
            #expect(try pod.send(.udp, Scene.open[family], 54, how) == (.ok, true))
            #expect(try pod.send(.udp, Scene.denied[family], 53, how) == (.notPermitted, false))
        }
    }

    /// Debian's kernel has SCTP sockets as a module and others have none: INITs from raw sockets
    /// prove it on all.
    @Test("SCTP passes to allowed ports alone", arguments: Mode.allCases) func sctpPassesToAllowedPortsAlone(mode: Mode)
        throws
    {
        let (node, pod) = try mode.scene()
        defer { node.close() }
        for family in 0...1 {
            #expect(try pod.passes(.sctp, Scene.ports[family], 5000))
            #expect(try !pod.passes(.sctp, Scene.ports[family], 80))
            #expect(try pod.passes(.sctp, Scene.open[family], 80))
            #expect(try !pod.passes(.sctp, Scene.denied[family], 5000))
        }
    }

    @Test("a rule with ports does not cover ICMP") func aRuleWithPortsDoesNotCoverICMP() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        for family in 0...1 {
            #expect(try !pod.passes(.icmp, Scene.ports[family]))
            #expect(try pod.passes(.icmp, Scene.open[family]))
            #expect(try !pod.passes(.icmp, Scene.denied[family]))
        }
    }

    @Test("ping sockets are judged as raw ones are") func pingSocketsAreJudgedAsRawOnesAre() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        for (to, left) in [(Scene.open, true), (Scene.ports, false), (Scene.denied, false)] {
            for to in to {
                _ = try pod.wire?.captured()
                _ = try pod.process.ping(address(to), raw: false, timeoutMs: 1)
                #expect(try pod.wire?.captured().contains(where: \.isEchoRequest) == left, "\(to)")
            }
        }
    }

    @Test("an unknown protocol passes by allow all alone") func anUnknownProtocolPassesByAllowAllAlone() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        // 136 is UDP-Lite, which has ports but none that a rule could name.
        for number in [IPProtocol.unknown, IPProtocol(rawValue: 136), IPProtocol(rawValue: 47)] {
            for family in 0...1 {
                #expect(try !pod.passes(number, Scene.ports[family]))
                #expect(try pod.passes(number, Scene.open[family]))
                #expect(try !pod.passes(number, Scene.denied[family]))
            }
        }
    }

    @Test("nothing passes without rules") func nothingPassesWithoutRules() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: "[]")
        try node.start()
        for number in [IPProtocol.tcp, .udp, .sctp, .icmp, .unknown] {
            #expect(try !pod.passes(number, "10.9.0.3", 80))
            #expect(try !pod.passes(number, "fd09::3", 80))
        }
    }

    @Test("everything passes without policy") func everythingPassesWithoutPolicy() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod()
        try node.start()
        for number in [IPProtocol.tcp, .udp, .sctp, .icmp, .unknown] {
            #expect(try pod.passes(number, "10.9.0.3", 80))
            #expect(try pod.passes(number, "fd09::3", 80))
        }
    }

    @Test("pods found by annotation are enforced") func podsFoundByAnnotationAreEnforced() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let wire = try node.lab.wire()
        try wire.setAddresses([address("10.9.0.1")])
        let elsewhere = try node.lab.cgroup("elsewhere/deep/pod")
        let process = try node.lab.start("pod", in: elsewhere, wire.namespace)
        try node.write(
            "pod.yaml",
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: a, namespace: default, annotations: {sluice.dev/cgroup: \(elsewhere.path)}}
            status: {phase: Running, podIP: 10.9.0.1}
            """)
        try node.policy(egress: Scene.egress)
        try node.start()
        // The tables say who the pod is before the programs are there.
        _ = try node.awaitLog("attachment:", "elsewhere/deep/pod")
        let probes = ["10.9.0.2", "10.9.0.4"].map { Probe(id: 0, to: address($0), port: 80, protocol: .tcp) }
        let outcomes = try wire.probe(process, probes).outcomes
        #expect(outcomes.map(\.passed) == [true, false], "\(outcomes)\n\(node.log)")
    }
}
