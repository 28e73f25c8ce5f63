import PacketLab
import PolicyModel
import Testing

/// A pod always reaches itself, and what runs in it is the pod.
@Suite(.serialized) struct InsideThePodTests {
    /// - Parameter further: addresses that status.podIPs does not have.
    private func isolatedPod(on node: EnforcedNode, further: String...) throws -> EnforcedPod {
        let pod = try node.pod("pod", "10.9.0.1", "fd09::1")
        try node.network().add(further.map { address($0) }, to: pod.place)
        try node.policy(egress: "[]")
        try node.start()
        return pod
    }

    @Test("a pod reaches itself", arguments: [[], ["--no-fail-fast"]]) func aPodReachesItself(options: [String]) throws
    {
        let node = try options.isEmpty ? EnforcedNode() : EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try isolatedPod(on: node, further: "10.9.5.5", "fd09::55")
        try pod.process.serveEcho(.tcp6, at: Endpoint("::", 80), .ipv6Only(false))
        try pod.process.serveEcho(.udp6, at: Endpoint("::", 53), .ipv6Only(false))
        for to in ["127.0.0.1", "127.8.8.8", "::1", "10.9.0.1", "fd09::1", "10.9.5.5", "fd09::55"] {
            #expect(try pod.tcp(Endpoint(to, 80)) == .ok, "\(to)")
            #expect(try pod.udp(Endpoint(to, 53)) == .ok, "\(to)")
            #expect(try pod.process.ping(address(to)).result == .ok, "\(to)")
        }
        #expect(try pod.udp(Endpoint("10.9.0.77", 53)) == .notPermitted)
    }

    @Test("a child cgroup is the pod") func aChildCgroupIsThePod() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try isolatedPod(on: node)
        for path in ["other-container", "container/nested/deep"] {
            let cgroup = try node.lab.cgroup("kubepods/burstable/poddefault-pod/\(path)")
            let process = try node.lab.start("child", in: cgroup, pod.place)
            let exchange = Request.udpExchange(to: Endpoint("10.9.0.2", 53), bytes: [1], timeoutMs: 50)
            #expect(try process.run(exchange).result == .notPermitted)
        }
    }

    @Test("a child namespace is the pod", arguments: [[], ["--no-fail-fast"]]) func aChildNamespaceIsThePod(
        options: [String]
    ) throws {
        let node = try options.isEmpty ? EnforcedNode() : EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.pod("pod", "10.9.0.1", "fd09::1")
        let server = try node.server("server", "10.9.0.2", "fd09::2", "10.9.0.4", "fd09::4")
        try server.serveEcho(.tcp6, at: Endpoint("::", 80), .ipv6Only(false))
        try node.policy(egress: Scene.egress)
        let child = try node.lab.childNamespace("child", of: pod.place, "10.9.9.9", "fd09::9")
        try node.start()
        func connect(_ to: String, _ timeout: Int) throws -> ErrnoName {
            try pod.process.run(
                .inside(namespace: child.path, .tcpConnect(to: Endpoint(to, 80), timeoutMs: timeout))
            ).result
        }
        for to in Scene.ports { #expect(try connect(to, 3000) == .ok) }
        for to in Scene.denied { #expect(try connect(to, 300) == (options.isEmpty ? .notPermitted : .timedOut)) }
    }

    @Test("a pod of its own below another is its own") func aPodOfItsOwnBelowAnotherIsItsOwn() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let outer = try node.wirePod("outer", labels: "{app: outer}")
        // A cluster in a pod: its pods' cgroups lie below the pod's own.
        let cgroup = try node.lab.cgroup("kubepods/burstable/poddefault-outer/kubepods/podinner")
        let inner = try node.lab.start("inner", in: cgroup, outer.place)
        try node.write(
            "inner.yaml",
            """
            apiVersion: v1
            kind: Pod
            metadata:
              {name: inner, namespace: default, labels: {app: inner}, annotations: {sluice.dev/cgroup: \(cgroup.path)}}
            spec: {nodeName: node}
            status: {phase: Running, podIP: 10.9.0.8}
            """)
        try node.policy("outer", selector: "{matchLabels: {app: outer}}", egress: "[\(Manifest.rule("10.9.0.2/32"))]")
        try node.policy("inner", selector: "{matchLabels: {app: inner}}", egress: "[\(Manifest.rule("10.9.0.3/32"))]")
        try node.start()
        let probes = ["10.9.0.2", "10.9.0.3"].map { Probe(id: 0, to: address($0), port: 80, protocol: .tcp) }
        let wire = try #require(outer.wire)
        #expect(try wire.probe(outer.process, probes).outcomes.map(\.passed) == [true, false])
        #expect(try wire.probe(inner, probes).outcomes.map(\.passed) == [false, true], "\(node.state)")
    }
}
