import TestHarness
import Testing

@Suite("simulate with domain names")
struct NameSimulationTests {
    let files: TemporaryDirectory
    let cluster: String
    let dns: String

    init() throws {
        files = try TemporaryDirectory()
        cluster = try files.write(
            "cluster.yaml",
            Shop.cluster + """
                ---
                apiVersion: policy.networking.k8s.io/v1alpha2
                kind: ClusterNetworkPolicy
                metadata: {name: names}
                spec:
                  tier: Admin
                  priority: 7
                  subject: {namespaces: {}}
                  egress:
                  - {action: Accept, to: [{domainNames: [api.example.com, '*.example.org']}], protocols: [{tcp: {destinationPort: {number: 443}}}]}
                  - {action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}

                """)
        dns = try files.write(
            "dns.yaml",
            """
            # What the resolver says.
            API.example.com.: [203.0.113.7, "2001:db8::7"]
            www.example.org: 203.0.113.8
            mixed.example.org: [203.0.113.8, 10.9.9.9]
            other.example: 203.0.113.7

            """)
    }

    func ask(_ to: String, _ more: [String] = []) async throws -> Programs.Ended {
        try await run(
            ["simulate", "--objects", cluster, "--dns", dns, "--pod", "shop/web", "--to", to, "-o", "json"] + more)
    }

    @Test(
        "a name is judged by all its addresses",
        arguments: [
            ("api.example.com:443", "allow", "203.0.113.7: "), ("API.example.com.:443", "allow", ""),
            ("api.example.com:80", "deny", ""),
            ("www.example.org:443", "allow", ", as www.example.org"),
            ("other.example:443", "deny", "denied by tier Admin"),
            ("mixed.example.org:443", "deny", "10.9.9.9: "), ("api.example.com:443/udp", "deny", ""),
            ("www.example.org/icmp", "deny", ""),
        ])
    func byName(_ to: String, _ verdict: String, _ says: String) async throws {
        let ended = try await ask(to)
        let row = try #require(Row.all(ended.out).first, "\(ended.err)")
        #expect(ended.status == 0 && row.verdict == verdict, "\(row)")
        if to == "api.example.com:443" {
            #expect(
                row.reason == "allowed by tier Admin: ClusterNetworkPolicy names, egress rule 0, as api.example.com")
            #expect(ended.out.contains("2001:db8::7"))
        } else {
            #expect(row.reason.contains(says))
        }
    }

    @Test("an address alone is nobody's name, and the names that would open it are told")
    func byAddress() async throws {
        let row = try #require(Row.all(try await ask("203.0.113.7:443").out).first)
        #expect(row.verdict == "deny" && row.reason.hasSuffix("a pod that asks for api.example.com may go there"))
        let other = try #require(Row.all(try await ask("203.0.113.9:443").out).first)
        #expect(other.verdict == "deny" && !other.reason.contains("asks for"))
    }

    @Test("probes may name names, with the rest in order")
    func probes() async throws {
        let probes = try files.write(
            "probes.json",
            """
            [{"pod": "shop/web", "to": "api.example.com", "port": 443, "expect": "allow"},
             {"pod": "shop/web", "to": "203.0.113.7", "port": 443, "expect": "deny"},
             {"pod": "shop/db", "to": "www.example.org", "port": 443, "protocol": "TCP", "expect": "allow"},
             {"pod": "shop/web", "to": "other.example", "port": 443, "expect": "allow"}]
            """)
        let ended = try await run(["simulate", "--objects", cluster, "--dns", dns, "--probes", probes, "-o", "json"])
        #expect(ended.status == 1)
        #expect(try Row.all(ended.out).map(\.verdict) == ["allow", "deny", "allow", "deny"])
        #expect(ended.err.contains("expected allow, got deny: shop/web to other.example port 443 TCP"))
    }

    @Test("what cannot be used says so")
    func unusable() async throws {
        let without = try await run([
            "simulate", "--objects", cluster, "--pod", "shop/web", "--to", "api.example.com:443",
        ])
        #expect(without.status == 2 && without.err.contains("--dns"))
        #expect(try await ask("unknown.example:443").status == 2)
        for (text, says) in [
            ("[1, 2]", "names with their addresses"), ("example.com: [1.2.3]", "example.com: must be an IP address"),
            ("exa mple: 1.2.3.4", "not a domain name"), ("example.com: {a: b}", "must be an IP address"),
            ("{", "dns: "),
        ] {
            let file = try files.write("dns", text)
            let ended = try await run(
                ["simulate", "--objects", cluster, "--dns", file, "--pod", "shop/web", "--to", "api.example.com:443"])
            #expect(ended.status == 2 && ended.err.contains(says), "\(text): \(ended.err)")
        }
    }

    @Test("JSON serves as well")
    func json() async throws {
        let file = try files.write(
            "dns.json", #"{"api.example.com": ["203.0.113.7"], "www.example.org": "203.0.113.8"}"#)
        let ended = try await run(
            [
                "simulate", "--objects", cluster, "--dns", file, "--pod", "shop/web", "--to", "api.example.com:443",
                "-o", "json",
            ])
        #expect(try Row.all(ended.out).first?.verdict == "allow")
    }
}
