import TestHarness
import Testing

@Suite struct SimulateTests {
    let files: TemporaryDirectory
    let shop: String

    init() throws {
        files = try TemporaryDirectory()
        shop = try files.write("shop.yaml", Shop.everything)
    }

    func ask(_ to: String, pod: String = "shop/web") async throws -> Programs.Ended {
        try await run(["simulate", "--objects", shop, "--pod", pod, "--to", to, "-o", "json"])
    }

    @Test("a table for people") func aTableForPeople() async throws {
        let ended = try await run(["simulate", "--objects", shop, "--pod", "shop/web", "--to", "10.0.0.2:5432"])
        #expect(ended.status == 0 && ended.err == "")
        #expect(
            ended.out == """
                POD       TO        PORT  PROTOCOL  VERDICT  REASON
                shop/web  10.0.0.2  5432  TCP       allow    allowed by policy shop/web, egress rule 0

                """)
    }

    @Test("G: long rows fit the page that there is, and are one line each where there is none")
    func longTablesWrap() async throws {
        let names = (0..<6).map { "a-policy-with-quite-a-long-name-\($0)" }
        let policies = names.map { "---\n" + Shop.policy.replacing("{name: web, ", with: "{name: \($0), ") }
        let file = try files.write("long.yaml", Shop.cluster + policies.joined())
        let question = ["simulate", "--objects", file, "--pod", "shop/web", "--to", "10.9.9.9:80"]
        #expect(try await run(question).out.split(separator: "\n").count == 2)
        let ended = try await run(question, columns: 100)
        #expect(ended.status == 0)
        let lines = ended.out.split(separator: "\n")
        #expect(lines.count > 4 && lines.allSatisfy { $0.count <= 100 }, "\(ended.out)")
        for name in names { #expect(ended.out.contains("shop/\(name)")) }
    }

    @Test("JSON has every key") func jsonHasEveryKey() async throws {
        let allowed = try await ask("10.0.0.2:5432")
        #expect(
            try Row.all(allowed.out) == [
                Row(
                    pod: "shop/web", to: "10.0.0.2", port: 5432, protocol: "TCP", verdict: "allow",
                    reason: "allowed by policy shop/web, egress rule 0", policy: "shop/web", rule: 0)
            ])
        let denied = try await ask("10.0.0.2:80")
        #expect(try Row.all(denied.out).first?.verdict == "deny" && Row.all(denied.out).first?.policy == "shop/web")
        #expect(denied.status == 0 && denied.out.contains("\"rule\" : null"))
        let free = try await ask("10.0.0.1:80", pod: "shop/db")
        #expect(free.out.contains("\"policy\" : null") && free.out.contains("\"rule\" : null"))
    }

    @Test(
        "destinations are read in every form",
        arguments: [
            ("10.0.0.2:5432", "allow", "TCP", 5432), ("10.0.0.2:5432/tcp", "allow", "TCP", 5432),
            ("10.0.0.2:5432/TCP", "allow", "TCP", 5432), ("10.0.0.2:5432/udp", "deny", "UDP", 5432),
            ("10.0.0.2:53/udp", "allow", "UDP", 53), ("10.0.0.2:5432/sctp", "deny", "SCTP", 5432),
            ("[fd00::2]:5432", "allow", "TCP", 5432), ("[fd00::2]:53/udp", "allow", "UDP", 53),
            ("[fd00::2]/icmp", "deny", "ICMP", 0), ("fd00::2/icmp", "deny", "ICMP", 0),
            ("10.0.0.2/icmp", "deny", "ICMP", 0), ("127.0.0.1:1", "allow", "TCP", 1),
            ("[::1]:1", "allow", "TCP", 1), ("[fd00::1]:1", "allow", "TCP", 1),
            ("169.254.169.254:80", "deny", "TCP", 80),
            ("[::ffff:10.0.0.2]:5432", "allow", "TCP", 5432),
        ])
    func destinations(_ to: String, _ verdict: String, _ name: String, _ port: Int) async throws {
        let ended = try await ask(to)
        let row = try #require(Row.all(ended.out).first, "\(ended.err)")
        #expect(row.verdict == verdict && row.protocol == name && row.port == port, "\(row)")
    }

    @Test(
        "destinations that are none",
        arguments: [
            "10.0.0.2", "10.0.0.2:", "10.0.0.2:0", "10.0.0.2:65536", "10.0.0.2:+80", "10.0.0.2:http", "10.0.0.2:80/",
            "10.0.0.2:80/gre", "10.0.0:80", "example.org:80", "fd00::2:80", "[fd00::2]80", "[fd00::2", "[]:80", "",
            "10.0.0.2:80/icmp", "10.0.0.0/8",
        ])
    func destinationsThatAreNone(_ to: String) async throws {
        let ended = try await ask(to)
        #expect(ended.status == 2 && ended.out == "")
        #expect(ended.err.hasPrefix("sluice: \(to): ") && ended.err.contains("write ADDRESS:PORT"), "\(ended.err)")
    }

    @Test("audit namespaces give audit") func auditNamespacesGiveAudit() async throws {
        let file = try files.write(
            "audit.yaml",
            Shop.everything.replacing(
                "metadata: {name: shop}", with: "metadata: {name: shop, labels: {sluice.dev/enforcement: audit}}"))
        for (to, verdict) in [("10.0.0.2:80", "audit"), ("10.0.0.2:5432", "allow"), ("169.254.169.254:80", "deny")] {
            let ended = try await run([
                "simulate", "--objects", file, "--pod", "shop/web", "--to", to, "-o", "json",
            ])
            #expect(try ended.status == 0 && Row.all(ended.out).first?.verdict == verdict, "\(to)")
        }
    }

    @Test("objects in several files and forms") func objectsInSeveralFilesAndForms() async throws {
        let cluster = try files.write("cluster.yaml", Shop.cluster)
        let policy = try files.write(
            "policy.json",
            """
            {"id": "x", "title": "more than objects", "probes": [], "objects": [
              {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
               "metadata": {"name": "web", "namespace": "shop"},
               "spec": {"podSelector": {}, "policyTypes": ["Egress"]}}]}
            """)
        for arguments in [["--objects", cluster, policy], ["--objects", cluster, "--objects", policy]] {
            let ended = try await run(
                ["simulate"] + arguments + ["--pod", "shop/web", "--to", "10.0.0.2:5432", "-o", "json"])
            #expect(try Row.all(ended.out).first?.verdict == "deny", "\(ended.err)")
        }
    }

    @Test("probes are read from standard input") func standardInput() async throws {
        let objects = try await run(
            ["simulate", "--objects", "-", "--pod", "shop/web", "--to", "10.0.0.2:80", "-o", "json"],
            input: Shop.everything)
        #expect(try objects.status == 0 && Row.all(objects.out).first?.verdict == "deny")
        let probes = try await run(
            ["simulate", "--objects", shop, "--probes", "-", "-o", "json"],
            input: #"[{"pod": "shop/web", "to": "10.0.0.2", "port": 5432}]"#)
        #expect(try probes.status == 0 && Row.all(probes.out).first?.verdict == "allow")
        let both = try await run(["simulate", "--objects", "-", "--probes", "-"])
        #expect(both.status == 2 && both.err.contains("read once only"))
    }

    // MARK: Input that cannot be used

    @Test("what cannot be used ends with two") func whatCannotBeUsedEndsWithTwo() async throws {
        let pair = ["--pod", "shop/web", "--to", "10.0.0.2:80"]
        for (arguments, says) in [
            (["--objects", shop, "--pod", "shop/none", "--to", "10.0.0.2:80"], "no pod shop/none"),
            (["--objects", shop, "--pod", "web", "--to", "10.0.0.2:80"], "namespace/name"),
            (["--objects", files.path("none.yaml")] + pair, "none.yaml: "),
            (["--objects", shop, "--probes", files.path("none.json")], "none.json: "),
            (["--objects", shop], "--probes FILE, or --pod and --to"),
            (["--objects", shop, "--pod", "shop/web"], "--probes FILE, or --pod and --to"),
            (["--objects", shop, "--probes", "-"] + pair, "--probes FILE, or --pod and --to"),
            (pair, "--objects"), (["--objects", shop, "--prbes", "-"], "--prbes"),
            (["--objects", shop, "-o", "xml"] + pair, "xml"),
        ] {
            let ended = try await run(["simulate"] + arguments)
            #expect(ended.status == 2 && ended.out == "", "\(arguments): \(ended)")
            #expect(ended.err.contains(says), "\(arguments): \(ended.err)")
        }
    }

    @Test(
        "broken files are named with their line",
        arguments: [
            ("bad.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n", ":"),
            ("bad.json", "{\"objects\": [\n {\"kind\": \"Pod\",}\n]}", ":2"),
            ("tab.yaml", "apiVersion: v1\n\tkind: Pod\n", ":2"),
            ("nul.yaml", "apiVersion: v1\nkind: \u{0}\n", ":"),
        ])
    func brokenFilesAreNamedWithTheirLine(_ name: String, _ text: String, _ line: String) async throws {
        let file = try files.write(name, text)
        let ended = try await run(["simulate", "--objects", shop, file, "--pod", "shop/web", "--to", "10.0.0.2:80"])
        #expect(ended.status == 2 && ended.out == "")
        #expect(ended.err.contains("error: \(file)\(line)"), "\(ended.err)")
    }

    /// A wrong object fails closed and does not keep the rest from an answer.
    @Test("a wrong object is named and the rest answered") func aWrongObjectIsNamedAndTheRestAnswered() async throws {
        let file = try files.write("bad.yaml", Shop.policy.replacing("port: 5432", with: "port: 70000"))
        let cluster = try files.write("cluster.yaml", Shop.cluster)
        let ended = try await run([
            "simulate", "--objects", cluster, file, "--pod", "shop/web", "--to", "10.0.0.2:5432", "-o", "json",
        ])
        #expect(try ended.status == 2 && Row.all(ended.out).first?.verdict == "deny")
        #expect(ended.err.contains("NetworkPolicy shop/web: spec.egress[0].ports[0].port"), "\(ended.err)")
    }

    @Test("G: simulate takes a service or a pod by its name, with the port by number or name")
    func objectsByName() async throws {
        let service = """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: db, namespace: shop}
            spec:
              clusterIP: 10.96.0.2
              selector: {app: db}
              ports: [{name: sql, port: 3306, targetPort: 5432}, {name: dns, port: 53, protocol: UDP}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: bare, namespace: shop}
            spec: {clusterIP: None, selector: {app: db}, ports: [{port: 80}]}

            """
        let files = try TemporaryDirectory()
        let objects = try files.write("shop.yaml", Shop.everything + service)
        func ask(_ to: String) async throws -> Programs.Ended {
            try await run(["simulate", "--objects", objects, "--pod", "shop/web", "--to", to, "-o", "json"])
        }
        for (to, address, port, verdict) in [
            ("shop/db:sql", "10.96.0.2", 3306, "allow"), ("shop/db:3306/tcp", "10.96.0.2", 3306, "allow"),
            ("shop/db:53", "10.96.0.2", 53, "allow"), ("shop/web:80", "10.0.0.1", 80, "allow"),
        ] {
            let ended = try await ask(to)
            let row = try #require(try? Row.all(ended.out).first, "\(to): \(ended)")
            #expect(row.to == address && row.port == port && row.verdict == verdict, "\(to): \(row)")
        }
        for (to, says) in [
            ("shop/db:80", "there is no port 80; its ports: sql (3306/TCP), dns (53/UDP)"),
            ("shop/db:53/tcp", "there is no TCP port 53"), ("shop/db:htpp", "there is no port htpp"),
            ("shop/none:80", "there is no service and no pod of that name"), ("shop/bare:80", "no address of its own"),
            ("shop/db", "the port is missing; write NAMESPACE/SERVICE:PORT"),
            ("shop/db/icmp", "a service answers no ICMP"),
            ("shop/db:0", "is not a port, 1 to 65535"), ("shop/:80", "not a namespace and a name"),
            ("a/b/c:80", "not a namespace and a name"),
            ("10.0.0.1:80/tpc", "unknown protocol"), ("10.0.0.1/tpc", "unknown protocol"),
        ] {
            let ended = try await ask(to)
            #expect(ended.status == 2 && ended.err.contains(says), "\(to): \(ended)")
        }
    }
}
