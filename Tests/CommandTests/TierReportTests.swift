import TestHarness
import Testing

/// What the tool says of the administrators' policies.
@Suite struct TierReportTests {
    func policy(_ name: String, _ egress: String) -> String {
        """
        ---
        apiVersion: policy.networking.k8s.io/v1alpha2
        kind: ClusterNetworkPolicy
        metadata: {name: \(name)}
        spec: {tier: Admin, priority: 7, subject: {namespaces: {}}, egress: [\(egress)]}

        """
    }

    @Test("the tier policy and rule are named") func theTierPolicyAndRuleAreNamed() async throws {
        let files = try TemporaryDirectory()
        let cluster = try files.write(
            "cluster.yaml",
            Shop.cluster
                + policy(
                    "keep-off", "{name: database, action: Deny, to: [{pods: {podSelector: {matchLabels: {app: db}}}}]}")
        )
        let ended = try await run([
            "simulate", "--objects", cluster, "--pod", "shop/web", "--to", "10.0.0.2:5432", "-o", "json",
        ])
        #expect(ended.status == 0 && ended.err == "")
        let row = try #require(try Row.all(ended.out).first)
        #expect(row.verdict == "deny")
        #expect(row.reason == "denied by tier Admin: ClusterNetworkPolicy keep-off, egress rule 0 (database)")
        #expect(ended.out.contains("\"ClusterNetworkPolicy keep-off\""))
    }

    @Test("C8: a rule's name with escapes moves no cursor in simulate and lint")
    func hostileNames() async throws {
        let files = try TemporaryDirectory()
        let name = "\"x\\e[2J\\r\\nno findings\\u202E\""
        let cluster = try files.write(
            "cluster.yaml",
            Shop.cluster
                + policy(
                    "hostile", "{name: \(name), action: Deny, to: [{pods: {podSelector: {matchLabels: {app: db}}}}]}")
                + policy(
                    "hidden", "{name: \(name), action: Deny, to: [{pods: {podSelector: {matchLabels: {app: db}}}}]}")
                + policy("broken", "{name: \(name), action: \(name), to: [{networks: [\(name)]}]}"))
        for words in [
            ["simulate", "--objects", cluster, "--pod", "shop/web", "--to", "10.0.0.2:5432"],
            ["lint", "--objects", cluster, "--severity", "info"],
        ] {
            let ended = try await run(words)
            let text = ended.out + ended.err
            #expect(text.contains("x\\u{1B}[2J\\r\\nno findings\\u{202E}"), "\(text)")
            #expect(
                !text.unicodeScalars.contains { "\u{1b}\r\u{202e}".unicodeScalars.contains($0) },
                "\(text.debugDescription)")
            #expect(!text.split(separator: "\n").contains { $0.hasPrefix("no findings") })
        }
    }

    @Test("equal priorities and denied names are told") func equalPrioritiesAndDeniedNamesAreTold() async throws {
        let files = try TemporaryDirectory()
        let cluster = try files.write(
            "cluster.yaml",
            Shop.cluster + policy("one", "{action: Deny, to: [{namespaces: {}}]}")
                + policy("two", "{action: Deny, to: [{domainNames: [example.org]}]}, {action: Deny, to: [{nodes: {}}]}")
        )
        let ended = try await run(["simulate", "--objects", cluster, "--pod", "shop/web", "--to", "10.0.0.2:5432"])
        #expect(ended.status == 2)
        #expect(
            ended.err.contains(
                "ClusterNetworkPolicy two: spec.priority: 7 is the priority of ClusterNetworkPolicy one too"))
        #expect(
            ended.err.contains(
                "ClusterNetworkPolicy two: spec.egress[0].to[0].domainNames: are for Accept rules alone; the rule denies everything"
            ))
    }
}
