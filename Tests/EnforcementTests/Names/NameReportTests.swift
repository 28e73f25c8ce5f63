import Testing

/// What people are told of domain names, after real answers and packets.
@Suite("Domain names, as people see them", .serialized)
struct NameReportTests {
    private static let records = [
        "--address=/api.example.com/11.0.0.1", "--address=/other.example.com/11.0.0.2",
    ]
    private static let hosts = "11.0.0.3 both.wild.example.com\n10.1.2.3 both.wild.example.com\n"

    private func explain(_ scene: NameScene, _ to: String) throws -> String {
        try scene.node.tool("explain", "default/pod", "--to", to)
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test(
        "G: explain says of a name what becomes of a packet now, which rule covers it, what the pod was told, and for how long"
    )
    func explained() throws {
        let scene = try NameScene(records: Self.records, hosts: Self.hosts)
        defer { scene.close() }
        let before = try scene.node.waitFor("the snapshot") {
            let told = try explain(scene, "api.example.com:80")
            return told.contains("no snapshot") ? nil : told
        }
        #expect(
            before.hasPrefix(
                "DENY until the pod asks for it default/pod to api.example.com port 80 TCP because denied by tier Admin"
            ), "\(before)")
        #expect(
            before.contains("the name allowed by tier Admin") && before.contains("egress rule 1 (names)"), "\(before)")
        #expect(
            before.contains(
                "told nothing that still counts; once a trusted resolver has told it a public address: allow"),
            "\(before)")
        let uncovered = try explain(scene, "other.example.com:80")
        #expect(
            uncovered.hasPrefix(
                "DENY for an address that no rule names, default/pod to other.example.com port 80 TCP because denied"),
            "\(uncovered)")
        let supposed = try scene.node.tool("explain", "default/pod", "--to", "11.0.0.1:80", "--as", "api.example.com")
        #expect(
            supposed.hasPrefix("ALLOW if it is told api.example.com  default/pod to 11.0.0.1 port 80 TCP"),
            "\(supposed)")
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 ok")
        let after = try explain(scene, "api.example.com:80")
        #expect(after.hasPrefix("ALLOW default/pod to api.example.com port 80 TCP because"), "\(after)")
        #expect(after.contains("the name allowed by tier Admin") && after.contains("told 11.0.0.1, "), "\(after)")
        #expect(after.contains(" seconds left: allow policies"), "\(after)")

        #expect(try scene.resolve("other.example.com") == "11.0.0.2 denied")
        let other = try explain(scene, "other.example.com:80")
        #expect(
            other.hasPrefix("DENY default/pod to other.example.com port 80 TCP because denied by tier Admin"),
            "\(other)")
        #expect(other.contains("none of the pod's rules for domain names covers it"), "\(other)")
        #expect(other.contains("told 11.0.0.2, "), "\(other)")

        // One of its addresses is a private one.
        #expect(try scene.resolve("both.wild.example.com") == "10.1.2.3 denied 11.0.0.3 ok")
        let both = try explain(scene, "both.wild.example.com:80")
        #expect(
            both.hasPrefix("DENY default/pod to both.wild.example.com port 80 TCP because 10.1.2.3: denied"), "\(both)")
        #expect(
            both.contains("told 10.1.2.3, ") && both.contains("seconds left: allow, allowed by tier Admin"), "\(both)")
    }

    @Test("learned names and names that no rule covers are counted")
    func counted() throws {
        let scene = try NameScene(
            records: Self.records, hosts: Self.hosts, options: ["--health-address", "127.0.0.1:7584"])
        defer { scene.close() }
        for name in ["api.example.com", "other.example.com"] { _ = try scene.resolve(name) }
        try scene.node.awaitMetric("sluice_uncovered_names_total{namespace=\"default\"}", 1)
        let metrics = try scene.node.metrics()
        #expect(metrics["sluice_learned_names"] == 1)
        #expect(metrics["sluice_resolver_answers_total{result=\"read\"}"] ?? 0 >= 2, "\(metrics)")
        #expect(
            metrics["sluice_denied_destinations_total{kind=\"external\",namespace=\"default\",verdict=\"denied\"}"] ?? 0
                > 0)
        _ = try scene.resolve("both.wild.example.com")
        #expect(try scene.node.metrics()["sluice_learned_names"] == 3)
    }

    @Test("what was reached by name is learned by name, and the learned policies let it pass and nothing else")
    func learned() throws {
        let scene = try NameScene(records: Self.records)
        defer { scene.close() }
        let node = scene.node
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 ok")
        let policies = try node.waitFor("the records") {
            let policies = try node.tool(["learn", "--state-dir", "\(node.directory)/state"])
            return policies.contains("- api.example.com") ? policies : nil
        }
        #expect(!policies.contains("11.0.0.1/32"), "\(policies)")
        try node.write("names.yaml", policies)
        try node.waitUntil("the learned policies") {
            try explain(scene, "api.example.com:9/udp").contains("default.client-egress")
        }
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 ok")
        #expect(try scene.resolve("other.example.com") == "11.0.0.2 denied")
        #expect(try scene.send("11.0.0.9") == "denied")
    }
}
