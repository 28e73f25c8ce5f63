import PacketLab
import PolicyModel
import Testing

/// The administrators' tiers and the node-port guard, with real packets.
@Suite(.serialized) struct TierTests {
    static func cluster(_ name: String, _ spec: String) -> String {
        """
        apiVersion: policy.networking.k8s.io/v1alpha2
        kind: ClusterNetworkPolicy
        metadata: {name: \(name)}
        spec: \(spec)
        ---

        """
    }

    static func machine(_ name: String, _ addresses: String...) -> String {
        let listed = addresses.map { "{type: InternalIP, address: '\($0)'}" }.joined(separator: ", ")
        return """
            apiVersion: v1
            kind: Node
            metadata: {name: \(name)}
            status: {addresses: [\(listed)]}
            ---

            """
    }

    @Test(
        "an Accept of tier Admin opens the metadata API for its subject and for no one else", arguments: Mode.allCases)
    func acceptOpensTheGuard(mode: Mode) throws {
        let node = try mode == .failFast ? EnforcedNode() : EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let trusted = try node.wirePod("trusted", namespace: "inventory", "10.9.0.1", "fd09::1")
        let other = try node.wirePod("other", namespace: "shop", "10.9.0.11", "fd09::11")
        try node.policy("open", namespace: "shop", egress: "[{}]")
        try node.start()
        #expect(try !trusted.passes(.tcp, "169.254.169.254", 80))
        let spec = """
            {tier: Admin, priority: 100, subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: inventory}}},
             egress: [{name: imds, action: Accept, to: [{networks: [169.254.169.254/32]}],
                       protocols: [{tcp: {destinationPort: {number: 80}}}]}]}
            """
        try node.write("cluster.yaml", Self.cluster("imds", spec))
        try node.settle()
        #expect(try trusted.passes(.tcp, "169.254.169.254", 80))
        #expect(try !trusted.passes(.tcp, "169.254.169.254", 81))
        #expect(try !trusted.passes(.icmp, "169.254.169.254"))
        #expect(try !trusted.passes(.tcp, "169.254.170.2", 80))
        #expect(try !other.passes(.tcp, "169.254.169.254", 80))
        try node.remove("cluster.yaml")
        try node.settle()
        #expect(try !trusted.passes(.tcp, "169.254.169.254", 80))
    }

    @Test("Admin before NetworkPolicy before Baseline, and who denied is told")
    func tiersInOrder() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.wirePod()
        try node.write(
            "admin.yaml",
            Self.cluster(
                "keep-off",
                """
                {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [
                  {name: database, action: Deny, to: [{networks: [10.9.0.4/32]}], protocols: [{tcp: {destinationPort: {number: 80}}}]},
                  {action: Pass, to: [{networks: [10.9.0.5/32]}]},
                  {action: Deny, to: [{networks: [10.9.0.4/31]}], protocols: [{udp: {destinationPort: {range: {start: 50, end: 60}}}}]}]}
                """))
        try node.write(
            "baseline.yaml",
            Self.cluster(
                "closed",
                """
                {tier: Baseline, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [10.9.0.6/32]}]}]}
                """))
        try node.start()
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
        #expect(try pod.passes(.tcp, "10.9.0.4", 81))
        #expect(try !pod.passes(.udp, "10.9.0.4", 53))
        #expect(try pod.passes(.udp, "10.9.0.5", 53))
        #expect(try !pod.passes(.sctp, "10.9.0.6", 80) && !pod.passes(.icmp, "10.9.0.6"))
        #expect(try pod.passes(.icmp, "10.9.0.4"))
        _ = try node.awaitLog(
            "DENIED default/pod to 10.9.0.4:80 TCP",
            "denied by tier Admin: ClusterNetworkPolicy keep-off, egress rule 0 (database)")
        // A NetworkPolicy takes the place of Baseline, not of Admin.
        try node.policy(egress: "[{}]")
        try node.settle()
        #expect(try pod.passes(.sctp, "10.9.0.6", 80))
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
    }

    @Test("what a tier denies passes where the namespace is in audit mode, but no guard opens")
    func auditOfTiers() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod()
        try node.write("namespace.yaml", Manifest.namespace("default", labels: "{sluice.dev/enforcement: audit}"))
        try node.write(
            "admin.yaml",
            Self.cluster(
                "all",
                """
                {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]}
                """))
        try node.start()
        #expect(try pod.passes(.tcp, "10.9.0.4", 80))
        _ = try node.awaitLog("AUDIT default/pod", "10.9.0.4:80", "tier Admin")
        #expect(try !pod.passes(.tcp, "169.254.169.254", 80))
    }

    @Test("the node-port guard keeps pods from the nodes' own ports, as nodes come and go")
    func nodePorts() throws {
        let node = try EnforcedNode(config: "guards: {nodePorts: {mode: enforce, exempt: [{namespace: kube-system}]}}")
        defer { node.close() }
        let pod = try node.wirePod("pod", "10.9.0.1", "fd09::1")
        let host = try node.wirePod("host", "10.9.0.11", "fd09::11", hostNetwork: true)
        let exempt = try node.wirePod("exempt", namespace: "kube-system", "10.9.0.21", "fd09::21")
        try node.write("nodes.yaml", Self.machine("a", "10.9.0.7", "fd09::7"))
        try node.policy(egress: "[{}]")
        try node.start()
        for to in ["10.9.0.7", "fd09::7"] {
            for port: UInt16 in [10250, 10255, 10256, 10257, 10259, 2379, 2380, 4149, 9099] {
                #expect(try !pod.passes(.tcp, to, port) && !host.passes(.tcp, to, port))
                #expect(try exempt.passes(.tcp, to, port))
            }
            #expect(try pod.passes(.tcp, to, 443) && pod.passes(.udp, to, 10250) && pod.passes(.tcp, to, 2381))
        }
        #expect(try pod.passes(.tcp, "10.9.0.8", 10250))
        _ = try node.awaitLog("DENIED default/pod to 10.9.0.7:10250 TCP", "a node's own port")
        try node.write("nodes.yaml", Self.machine("a", "10.9.0.7", "fd09::7") + Self.machine("b", "10.9.0.8"))
        try node.settle()
        #expect(try !pod.passes(.tcp, "10.9.0.8", 10250))
        try node.write("nodes.yaml", Self.machine("b", "10.9.0.8"))
        try node.settle()
        #expect(try pod.passes(.tcp, "10.9.0.7", 10250))
    }

    @Test("each guard's mode is its own")
    func modesAreApart() throws {
        let node = try EnforcedNode(
            config: "guards: {nodePorts: {mode: audit, ports: [10250]}, metadata: {mode: enforce}}")
        defer { node.close() }
        let pod = try node.wirePod()
        try node.write("nodes.yaml", Self.machine("a", "10.9.0.7"))
        try node.start()
        #expect(try pod.passes(.tcp, "10.9.0.7", 10250))
        _ = try node.awaitLog("AUDIT default/pod to 10.9.0.7:10250 TCP", "a node's own port")
        #expect(try !pod.passes(.tcp, "169.254.169.254", 80))
        // Its audit mode opens nothing that policy closes.
        try node.policy(egress: "[]")
        try node.settle()
        #expect(try !pod.passes(.tcp, "10.9.0.7", 10250))
    }
}
