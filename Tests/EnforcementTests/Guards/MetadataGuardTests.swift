import KernelDatapath
import PacketLab
import PolicyCompiler
import PolicyModel
import Testing

/// The cloud metadata API is out of reach, whatever NetworkPolicy says.
@Suite(.serialized) struct MetadataGuardTests {
    /// Every form in which a destination can be written into a packet.
    private static func forms(_ destination: Prefix) -> [IPAddress] {
        let plain = destination.address
        guard let ipv4 = plain.ipv4 else { return [plain] }
        return [
            plain, IPAddress(high: 0x0064_ff9b << 32, low: UInt64(ipv4)),
            IPAddress(high: 0x2002 << 48 | UInt64(ipv4) << 16, low: 1),
            IPAddress(high: 0x2002 << 48 | UInt64(ipv4) << 16 | 0xffff, low: .max),
        ]
    }

    private static let flows: [(number: IPProtocol, port: UInt16)] = [
        (.tcp, 80), (.tcp, 53), (.tcp, 988), (.tcp, 32526), (.tcp, 443), (.udp, 53), (.udp, 80), (.udp, 123),
        (.sctp, 80), (.icmp, 0), (.unknown, 0),
    ]

    /// What the design says of a row, in words of its own.
    private static func isGuarded(_ ports: Guard.Ports, _ number: IPProtocol, _ port: UInt16) -> Bool {
        switch ports {
        case .all: true
        case .allExcept(let open): !((number == .tcp || number == .udp) && open.contains(port))
        case .tcp(let ranges): number == .tcp && ranges.contains { $0.contains(port) }
        }
    }

    /// Sends every flow to every form of every row, and compares with what is expected.
    private func sweep(
        _ pod: EnforcedPod, _ expect: (MetadataEndpoint, IPProtocol, UInt16) -> Bool
    ) throws {
        var probes: [Probe] = []
        var expected: [Bool] = []
        for row in MetadataEndpoint.table {
            for form in row.guarded.destinations.flatMap(Self.forms) {
                for (number, port) in Self.flows {
                    probes.append(Probe(id: probes.count, to: form, port: port, protocol: number))
                    expected.append(expect(row, number, port))
                }
            }
        }
        let wire = try #require(pod.wire)
        let report = try wire.probe(pod.process, probes)
        for (outcome, expected) in zip(report.outcomes, expected) {
            #expect(outcome.passed == expected, "\(outcome)")
        }
        #expect(report.strangers.isEmpty)
    }

    private func byTheTable(_ row: MetadataEndpoint, _ number: IPProtocol, _ port: UInt16) -> Bool {
        !row.byDefault || !Self.isGuarded(row.guarded.ports, number, port)
    }

    @Test("every row is guarded and nothing else", arguments: Mode.allCases) func everyRowIsGuardedAndNothingElse(
        mode: Mode
    ) throws {
        let node = try mode == .failFast ? EnforcedNode() : EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.wirePod()
        try node.start()
        try sweep(pod, byTheTable)
    }

    @Test(
        "no policy opens a guard",
        arguments: [
            "[{}]", "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}]}]",
            "[{to: [{ipBlock: {cidr: 169.254.169.254/32}}], ports: [{port: 80}]}, {}]",
        ])
    func noPolicyOpensAGuard(egress: String) throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: egress)
        try node.start()
        try sweep(pod, byTheTable)
    }

    @Test("a host network pod is guarded") func aHostNetworkPodIsGuarded() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod(hostNetwork: true)
        try node.policy(egress: "[]")
        try node.start()
        // And no policy selects it.
        try sweep(pod, byTheTable)
        #expect(try pod.passes(.tcp, "10.9.0.4", 80))
    }

    @Test("a pod exempt by configuration passes") func aPodExemptByConfigurationPasses() throws {
        let config = """
            guards: {metadata: {exempt: [
              {namespace: kube-system, serviceAccount: cni, reason: storage daemons need it},
              {namespace: kube-system, podSelector: {matchLabels: {app: csi}}}]}}
            """
        let node = try EnforcedNode(config: config)
        defer { node.close() }
        let byAccount = try node.wirePod("a", namespace: "kube-system", extra: "serviceAccountName: cni")
        let byLabel = try node.wirePod("b", namespace: "kube-system", labels: "{app: csi}", "10.9.0.11")
        let neither = try node.wirePod("c", namespace: "kube-system", "10.9.0.12")
        let elsewhere = try node.wirePod("d", labels: "{app: csi}", "10.9.0.13", extra: "serviceAccountName: cni")
        try node.start()
        for (pod, passes) in [(byAccount, true), (byLabel, true), (neither, false), (elsewhere, false)] {
            #expect(try pod.passes(.tcp, "169.254.169.254", 80) == passes)
        }
        try sweep(byAccount) { _, _, _ in true }
        // Exempt from the guard, not from policy.
        try node.policy(namespace: "kube-system", egress: "[]")
        try node.settle()
        #expect(try !byAccount.passes(.tcp, "169.254.169.254", 80))
    }

    @Test("the guard in audit mode passes and reports") func theGuardInAuditModePassesAndReports() throws {
        let node = try EnforcedNode("--metadata-guard", "audit")
        defer { node.close() }
        let pod = try node.wirePod()
        try node.start()
        #expect(try pod.passes(.tcp, "169.254.169.254", 80))
        #expect(try pod.passes(.tcp, "10.9.0.4", 80))
        _ = try node.awaitLog("AUDIT", "default/pod", "169.254.169.254:80", "TCP")
        #expect(!node.log.contains("10.9.0.4"))
        #expect(try node.counters(pod).audit.packets >= 1)
        // Its audit mode opens nothing that policy closes.
        try node.policy(egress: "[]")
        try node.settle()
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
    }

    @Test("the guard can be switched off") func theGuardCanBeSwitchedOff() throws {
        let node = try EnforcedNode("--metadata-guard", "off")
        defer { node.close() }
        let pod = try node.wirePod()
        try node.start()
        try sweep(pod) { _, _, _ in true }
    }

    @Test("rows can be added and taken away") func rowsCanBeAddedAndTakenAway() throws {
        let node = try EnforcedNode(
            config: """
                guards: {metadata: {allow: [alibaba], block: [aws-dns],
                  add: [{name: own, addresses: [10.66.0.0/16]}, {name: ports, addresses: [10.67.0.1], tcpPorts: [8080]}]}}
                """)
        defer { node.close() }
        let pod = try node.wirePod()
        try node.start()
        #expect(try pod.passes(.tcp, "100.100.100.200", 80))
        #expect(try !pod.passes(.udp, "169.254.169.253", 53))
        #expect(try !pod.passes(.tcp, "10.66.3.4", 80))
        #expect(try !pod.passes(.tcp, "64:ff9b::a42:304", 80))
        #expect(try !pod.passes(.tcp, "10.67.0.1", 8080))
        #expect(try pod.passes(.tcp, "10.67.0.1", 80))
    }
}
