import FoundationEssentials
import PacketLab
import Testing

/// Redirections as service meshes make them: what a pod connects to ends at a socket in its own network
/// namespace.
@Suite(.serialized) struct MeshTests {
    private struct Row: Decodable {
        var pod: String
        var state: String
        var unenforceable: String?
    }

    private func row(_ node: EnforcedNode, _ pod: String) throws -> Row? {
        let text = try node.tool("pods", "-o", "json")
        return try JSONDecoder().decode([Row].self, from: Data(text.utf8)).first { $0.pod == pod }
    }

    private func namespace(_ failFast: Bool, ambient: Bool) -> String {
        let labels =
            (ambient ? ["istio.io/dataplane-mode: ambient"] : []) + (failFast ? [] : ["sluice.dev/fail-fast: 'false'"])
        return Manifest.namespace("default", labels: "{\(labels.joined(separator: ", "))}")
    }

    @Test("E3: with Istio's ambient mesh fail-fast keeps policy, and a pod without it is not called enforced")
    func ambient() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod()
        try node.write("namespace.yaml", namespace(true, ambient: true))
        try node.policy(egress: "[]")
        let rules = "\(node.directory)/redirect"
        try """
        table ip mesh {
          chain output { type nat hook output priority -100; ip daddr 10.9.0.4 tcp dport 80 redirect to :15001; }
        }
        """.write(toFile: rules, atomically: false, encoding: .utf8)
        let (status, output) = try Command.run(
            "/usr/bin/env", ["nsenter", "--net=\(pod.place.path)", "nft", "-f", rules])
        try #require(status == 0, "\(output)")
        let ztunnel = try node.lab.start("ztunnel", in: node.lab.cgroup("ztunnel"), pod.place)
        let denied = Endpoint("10.9.0.4", 80)
        try ztunnel.serveEcho(.tcp4, at: Endpoint("0.0.0.0", 15001))
        try node.start()
        #expect(try pod.tcp(denied) == .notPermitted)
        try node.waitUntil("enforced") { (try? row(node, "default/pod"))?.state == "enforced" }

        try node.write("namespace.yaml", namespace(false, ambient: true))
        try node.settle()
        #expect(try pod.tcp(denied) == .ok)
        try node.waitUntil("unenforceable") { (try? row(node, "default/pod"))?.state == "unenforceable" }
        #expect(try row(node, "default/pod")?.unenforceable?.contains("ztunnel") == true)
    }

    @Test("E3: with a sidecar policy holds without fail-fast, for the proxy's own connections")
    func sidecar() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod()
        try node.write("namespace.yaml", namespace(false, ambient: false))
        try node.policy(egress: "[\(Manifest.rule("10.9.0.3/32"))]")
        // An address that only the mesh knows.
        try pod.place.configure("route add local 240.240.0.1/32 dev lo src 10.9.0.1")
        let proxy = try node.lab.start(
            "proxy", in: node.lab.cgroup("kubepods/burstable/poddefault-pod/proxy"), pod.place)
        try proxy.serveEcho(.tcp4, at: Endpoint("240.240.0.1", 80))
        try node.start()
        #expect(try pod.tcp(Endpoint("240.240.0.1", 80)) == .ok)
        #expect(try pod.passes(.tcp, "10.9.0.3", 80) && !pod.passes(.tcp, "10.9.0.4", 80))
        let wire = try #require(pod.wire)
        let probes = [
            Probe(id: 0, to: address("10.9.0.3"), port: 80, protocol: .tcp),
            Probe(id: 1, to: address("10.9.0.4"), port: 80, protocol: .tcp),
        ]
        #expect(try wire.probe(proxy, probes).outcomes.map(\.passed) == [true, false])
        try node.waitUntil("enforced") { (try? row(node, "default/pod"))?.state == "enforced" }
    }
}
