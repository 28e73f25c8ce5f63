import TestHarness
import Testing

/// Each of manifests/examples/cluster does what its comment says.
@Suite struct ClusterExamplesTests {
    static let examples =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/") + "/manifests/examples/cluster"

    /// Pods, and the node that they are on.
    static let cluster = """
        apiVersion: v1
        kind: Node
        metadata: {name: node-1}
        status: {addresses: [{type: InternalIP, address: 172.18.0.2}, {type: Hostname, address: node-1}]}
        ---
        \(pod("node-inventory/agent", "10.0.0.1"))\(pod("shop/web", "10.0.0.2"))\(pod("billing/worker", "10.0.0.6"))\(pod("sandbox/job", "10.0.0.3"))
        \(pod("monitoring/prometheus", "10.0.0.4", labels: "{app.kubernetes.io/name: prometheus}"))
        \(pod("kube-system/coredns", "10.0.0.5", labels: "{k8s-app: kube-dns}"))
        apiVersion: v1
        kind: Service
        metadata: {name: kube-dns, namespace: kube-system}
        spec: {clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, protocol: UDP}]}
        """

    static func pod(_ name: String, _ address: String, labels: String = "{}") -> String {
        let parts = name.split(separator: "/")
        return """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(parts[1]), namespace: \(parts[0]), labels: \(labels)}
            spec: {nodeName: node-1}
            status: {phase: Running, podIPs: [{ip: \(address)}]}
            ---

            """
    }

    func verdicts(
        _ example: String, _ probes: [(pod: String, to: String, port: Int, protocol: String)], config: String? = nil,
        dns: String? = nil
    ) async throws -> [String] {
        let files = try TemporaryDirectory()
        let cluster = try files.write("cluster.yaml", Self.cluster)
        let questions = probes.map {
            "{\"pod\": \"\($0.pod)\", \"to\": \"\($0.to)\", \"port\": \($0.port), \"protocol\": \"\($0.protocol)\"}"
        }
        let file = try files.write("probes.json", "[\(questions.joined(separator: ","))]")
        var arguments = [
            "simulate", "--objects", cluster, "\(Self.examples)/\(example).yaml", "--probes", file, "-o", "json",
        ]
        if let dns { arguments += ["--dns", dns] }
        if let config { arguments += ["--config", try files.write("config.yaml", config)] }
        let ended = try await run(arguments)
        #expect(ended.status == 0 && ended.err == "", "\(ended.err)")
        return try Row.all(ended.out).map(\.verdict)
    }

    @Test("metadata is for one namespace") func metadataIsForOneNamespace() async throws {
        #expect(
            try await verdicts(
                "metadata-for-one-namespace",
                [
                    ("node-inventory/agent", "169.254.169.254", 80, "TCP"),
                    ("node-inventory/agent", "169.254.170.2", 80, "TCP"),
                    ("node-inventory/agent", "169.254.169.254", 443, "TCP"), ("shop/web", "169.254.169.254", 80, "TCP"),
                ]) == ["allow", "deny", "deny", "deny"])
    }

    @Test("nobody but DNS by default") func nobodyButDNSByDefault() async throws {
        #expect(
            try await verdicts(
                "default-deny-with-dns",
                [
                    ("shop/web", "10.96.0.10", 53, "UDP"), ("shop/web", "10.0.0.5", 53, "TCP"),
                    ("shop/web", "10.0.0.5", 80, "TCP"),
                    ("shop/web", "192.0.2.1", 443, "TCP"), ("shop/web", "2001:db8::1", 443, "TCP"),
                    ("shop/web", "10.0.0.3", 80, "TCP"),
                    ("kube-system/coredns", "192.0.2.1", 53, "UDP"),
                ]) == ["allow", "allow", "deny", "deny", "deny", "deny", "allow"])
    }

    @Test("billing reaches its payment provider by name") func billingReachesItsPaymentProviderByName() async throws {
        let files = try TemporaryDirectory()
        let dns = try files.write(
            "dns.yaml",
            "{api.payments.example: 203.0.113.7, a.b.cdn.payments.example: 203.0.113.8, cdn.payments.example: 203.0.113.9, evil.example: 203.0.113.7}"
        )
        #expect(
            try await verdicts(
                "names-only",
                [
                    ("billing/worker", "api.payments.example", 443, "TCP"),
                    ("billing/worker", "a.b.cdn.payments.example", 443, "TCP"),
                    ("billing/worker", "cdn.payments.example", 443, "TCP"),
                    ("billing/worker", "evil.example", 443, "TCP"),
                    ("billing/worker", "api.payments.example", 80, "TCP"),
                    ("billing/worker", "203.0.113.7", 443, "TCP"),
                    ("billing/worker", "10.96.0.10", 53, "UDP"), ("shop/web", "evil.example", 443, "TCP"),
                ], dns: dns) == ["allow", "allow", "deny", "deny", "deny", "deny", "allow", "allow"])
    }

    @Test("kubelet is for metrics", arguments: [nil, "guards: {nodePorts: {mode: enforce}}"]) func kubeletIsForMetrics(
        config: String?
    )
        async throws
    {
        #expect(
            try await verdicts(
                "kubelet-for-metrics",
                [
                    ("monitoring/prometheus", "172.18.0.2", 10250, "TCP"),
                    ("monitoring/prometheus", "172.18.0.2", 10255, "TCP"),
                    ("shop/web", "172.18.0.2", 10250, "TCP"), ("shop/web", "172.18.0.2", 443, "TCP"),
                ], config: config) == ["allow", "deny", "deny", "allow"])
    }

    @Test("the sandbox stays in the cluster") func theSandboxStaysInTheCluster() async throws {
        #expect(
            try await verdicts(
                "no-way-out",
                [
                    ("sandbox/job", "10.0.0.2", 80, "TCP"), ("sandbox/job", "192.0.2.1", 80, "TCP"),
                    ("sandbox/job", "2001:db8::1", 80, "TCP"), ("sandbox/job", "172.18.0.2", 22, "TCP"),
                    ("shop/web", "192.0.2.1", 80, "TCP"),
                ]) == ["allow", "deny", "deny", "deny", "allow"])
    }
}
