import FoundationEssentials
import PacketLab
import Testing

/// A real Prometheus server beside a real agent.
@Suite(.serialized) struct PrometheusServerTests {
    /// Two jobs: the server asks the agent itself, and so for OpenMetrics; and through a script that
    /// asks for Prometheus's own text, which the server in turn is answered with.
    private static let configuration = """
        global: {scrape_interval: 1s, scrape_timeout: 1s}
        scrape_configs:
          - job_name: openmetrics
            static_configs: [{targets: ['127.0.0.1:7584']}]
          - job_name: text
            metrics_path: /cgi-bin/metrics
            static_configs: [{targets: ['127.0.0.1:7585']}]

        """

    /// A node with a server, and the script in busybox's web server.
    private func watched(_ node: EnforcedNode) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: "\(node.directory)/web/cgi-bin", withIntermediateDirectories: true)
        let script = "\(node.directory)/web/cgi-bin/metrics"
        try """
        #!/bin/sh
        printf 'Content-Type: text/plain; version=0.0.4\\r\\n\\r\\n'
        exec curl -sS -H 'Accept: text/plain; version=0.0.4' \(EnforcedNode.metricsURL)

        """.write(toFile: script, atomically: false, encoding: .utf8)
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        try Self.configuration.write(
            toFile: "\(node.directory)/prometheus.yaml", atomically: false, encoding: .utf8)
        let cgroup = try node.lab.cgroup("prometheus")
        _ = try node.lab.launch(
            ["/bin/busybox", "httpd", "-f", "-p", "127.0.0.1:7585", "-h", "\(node.directory)/web"], in: cgroup,
            node.agentNamespace(), output: "\(node.directory)/httpd-log")
        _ = try node.lab.launch(
            [
                "/usr/bin/prometheus", "--config.file=\(node.directory)/prometheus.yaml",
                "--storage.tsdb.path=\(node.directory)/tsdb", "--web.listen-address=127.0.0.1:9090",
                "--log.level=warn",
            ], in: cgroup, node.agentNamespace(), output: "\(node.directory)/prometheus-log")
    }

    /// What the server answers over its API: a line for each series.
    private func ask(_ node: EnforcedNode, _ query: String) throws -> [Substring] {
        try node.shell("promtool query instant http://127.0.0.1:9090 '\(query)'").split(separator: "\n")
    }

    @Test("It scrapes the agent in both formats, and answers what was enforced on real packets")
    func scrapes() throws {
        let node = try EnforcedNode.measured()
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: Scene.egress)
        try node.start()
        try watched(node)
        try node.waitUntil("both scrapes") { try ask(node, "up == 1").count == 2 }
        let before = try #require(
            try node.metrics()["sluice_packets_total{namespace=\"default\",verdict=\"denied\"}"])
        let socket = try pod.process.open(.udp4)
        for _ in 0..<6 {
            _ = try pod.process.run(.sendTo(socket, Endpoint(Scene.denied[0], 53), bytes: [1], fastOpen: false))
        }
        for job in ["openmetrics", "text"] {
            let query = """
                sum by (namespace) (sluice_packets_total{job="\(job)", namespace="default", verdict="denied"})
                """
            try node.waitUntil("the packets, by \(job)") {
                try ask(node, query).first?.hasPrefix("{namespace=\"default\"} => \(Int(before) + 6) @") == true
            }
        }
        // The same series come out of both, those of buckets included.
        let names = #"count by (job) ({__name__=~"sluice_.*|process_.*"})"#
        let counts = try ask(node, names).compactMap { $0.split(separator: " ").dropFirst(2).first }
        #expect(counts.count == 2 && Set(counts).count == 1, "\(counts)")
        // Only OpenMetrics has units.
        let metadata = try node.shell(
            "curl -sS 'http://127.0.0.1:9090/api/v1/metadata?metric=sluice_change_to_kernel_seconds'")
        #expect(metadata.contains(#""type":"histogram""#) && metadata.contains(#""unit":"seconds""#), "\(metadata)")
        let log = try String(contentsOfFile: "\(node.directory)/prometheus-log", encoding: .utf8)
        #expect(!log.contains("level=error") && !log.contains("append"), "\(log)")
    }
}
