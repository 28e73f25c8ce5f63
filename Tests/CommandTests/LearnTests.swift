import FoundationEssentials
import TestHarness
import Testing

@Suite("sluice learn")
struct LearnTests {
    let files: TemporaryDirectory
    let recorded: String

    init() throws {
        files = try TemporaryDirectory()
        recorded = try files.write("flows.jsonl", Self.flows)
    }

    static let head =
        #"{"version":1,"forgotten":0,"cluster":{"namespaces":{"shop":{"kubernetes.io/metadata.name":"shop"}},"services":[]}}"#

    /// From shop/web to shop/db and to the outside; from legacy/batch to the outside.
    static var flows: String {
        [
            head,
            record(
                to: #"{"kind":"pod","pods":{"namespace":"shop","labels":{"app":"db"}},"portNames":["sql"]}"#,
                port: 5432, at: "10.0.0.2"),
            record(to: #"{"kind":"external"}"#, port: 443, at: "198.51.100.7", last: "2026-11-01T00:00:00Z"),
            record(to: #"{"kind":"external"}"#, port: 25, at: "198.51.100.25", verdict: "DENIED"),
            record(from: "legacy/batch", to: #"{"kind":"external"}"#, port: 443, at: "198.51.100.7"),
        ].joined(separator: "\n") + "\n"
    }

    static func record(
        from source: String = "shop/web", to destination: String, port: Int, at address: String,
        verdict: String = "ALLOWED", last: String = "2026-11-21T17:00:00Z"
    ) -> String {
        let parts = source.split(separator: "/")
        let addresses = destination.contains("pods") ? "" : #""addresses":[{"cidr":"\#(address)/32","count":3}],"#
        return
            #"{"source":{"namespace":"\#(parts[0])","labels":{"app":"\#(parts[1])"},"workload":{"kind":"Deployment","name":"\#(parts[1])"}},"destination":\#(destination),"protocol":6,"port":\#(port),"verdict":"\#(verdict)","count":3,"first":"2026-11-01T00:00:00Z","last":"\#(last)",\#(addresses)"examples":[{"pod":"\#(parts[1])-1","address":"\#(address)","to":"db-0"}]}"#
    }

    func learn(_ arguments: String...) async throws -> Programs.Ended {
        try await run(["learn", "--from", recorded] + arguments)
    }

    static func names(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("  name: ") }.map { String($0.dropFirst(8)) }
    }

    @Test("prints policies; what became none is said beside them")
    func policies() async throws {
        let ended = try await learn()
        #expect(ended.status == 0 && Self.names(ended.out) == ["batch-egress", "web-egress"])
        #expect(ended.out.contains("port: sql  # 5432") && ended.out.contains("198.51.100.7/32"))
        #expect(!ended.out.contains("198.51.100.25"))
        #expect(
            ended.err.contains("shop/web to 198.51.100.25 25/TCP: no rule: it was denied; --include-denied"),
            "\(ended.err)")
    }

    @Test("chooses by namespace, workload and time")
    func choices() async throws {
        #expect(try await Self.names(learn("-n", "legacy").out) == ["batch-egress"])
        #expect(try await Self.names(learn("--workload", "web").out) == ["web-egress"])
        let late = try await learn("--since", "2026-11-15T00:00:00Z", "-n", "shop")
        #expect(Self.names(late.out) == ["web-egress"] && !late.out.contains("198.51.100.7"))
        let nothing = try await learn("-n", "none")
        #expect(nothing.status == 0 && nothing.out == "" && nothing.err.contains("none: no flow was seen"))
        #expect(try await learn("--include-denied").out.contains("198.51.100.25/32"))
        #expect(
            try await Self.names(learn("--default-deny", "-n", "shop").out) == ["default-deny-egress", "web-egress"])
    }

    @Test("writes a file per policy, which verify finds good, and simulate too")
    func roundTrip() async throws {
        let directory = files.path("policies")
        let ended = try await learn("--output", directory)
        let written = ["\(directory)/legacy.batch-egress.yaml", "\(directory)/shop.web-egress.yaml"]
        #expect(ended.status == 0 && ended.out == written.joined(separator: "\n") + "\n")
        let verified = try await run(["learn", "--from", recorded, "--verify"] + written)
        #expect(verified.status == 0 && verified.err == "", "\(verified)")
        #expect(
            verified.out == """
                Flows that passed and would be denied:
                none

                Flows that were denied and would pass:
                none

                """)
        let cluster = try files.write("cluster.yaml", Shop.cluster.replacing("name: db,", with: "name: db-0,"))
        for (to, verdict) in [("10.0.0.2:80", "deny"), ("198.51.100.7:443", "allow"), ("198.51.100.25:25", "deny")] {
            let ended = try await run(
                ["simulate", "--objects", cluster] + written + ["--pod", "shop/web", "--to", to, "-o", "json"])
            #expect(try Row.all(ended.out).first?.verdict == verdict, "\(to): \(ended)")
        }
    }

    @Test("verify tells what would be denied, as a table that fits and as JSON, with status 1")
    func verify() async throws {
        let policy = try files.write("policy.yaml", Shop.policy.replacing("port: 5432", with: "port: 5433"))
        let table = try await run(["learn", "--from", recorded, "--verify", policy], columns: 100)
        #expect(table.status == 1 && table.err.contains("2 of 4 records would be denied"), "\(table)")
        #expect(
            table.out == """
                Flows that passed and would be denied:
                SOURCE    DESTINATION   PORT      COUNT  LAST SEEN             REASON
                shop/web  shop/app=db   5432/TCP  3      2026-11-21T17:00:00Z  isolated by policy shop/web; none of
                                                                               its rules allows it
                shop/web  198.51.100.7  443/TCP   3      2026-11-01T00:00:00Z  isolated by policy shop/web; none of
                                                                               its rules allows it

                Flows that were denied and would pass:
                none

                """)
        let json = try await learn("--verify", policy, "-o", "json")
        struct Report: Decodable {
            struct Row: Decodable { var source, destination, port, seen, would, lastSeen, reason: String }
            var records: Int
            var denied: [Row]
            var newlyAllowed: [Row]
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(json.out.utf8))
        #expect(
            report.records == 4 && report.denied.map(\.would) == ["DENIED", "DENIED"] && report.newlyAllowed.isEmpty)
        let open = try files.write(
            "open.yaml",
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: open, namespace: shop}\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}\n"
        )
        let opened = try await learn("--verify", open)
        #expect(opened.status == 0 && opened.out.contains("shop/web  198.51.100.25  25/TCP"), "\(opened)")
    }

    @Test("the agent's own records are read while it is down, and that is said; so is where none are")
    func agentDown() async throws {
        try files.makeDirectory("records")
        let arguments = ["learn", "--directory", files.path("records"), "--state-dir", files.path("state")]
        let none = try await run(arguments)
        #expect(
            none.status == 1
                && none.err.contains("no flows are recorded at \(files.path("records"))/flows.jsonl: start sluiced"),
            "\(none)")
        try files.write("records/flows.jsonl", Self.flows)
        let some = try await run(arguments)
        #expect(some.status == 0 && Self.names(some.out).count == 2 && some.err.contains("sluiced does not run"))
    }

    @Test("names become rules of a policy that verify and simulate understand; --no-names writes addresses")
    func domainNames() async throws {
        let named = try files.write(
            "named.jsonl",
            Self.head + "\n"
                + Self.record(to: #"{"kind":"external","domains":["api.example.com"]}"#, port: 443, at: "198.51.100.7")
                + "\n")
        let ended = try await run(["learn", "--from", named])
        #expect(ended.status == 0 && Self.names(ended.out) == ["shop.web-egress", "web-egress"], "\(ended)")
        let policies = try files.write("learned.yaml", ended.out)
        let verified = try await run(["learn", "--from", named, "--verify", policies])
        #expect(verified.status == 0, "\(verified)")
        let other = try files.write("other.yaml", ended.out.replacing("- api.example.com", with: "- other.example.com"))
        let refused = try await run(["learn", "--from", named, "--verify", other])
        #expect(refused.status == 1 && refused.out.contains("shop/web  api.example.com  443/TCP"), "\(refused)")
        let cluster = try files.write("cluster.yaml", Shop.cluster)
        let dns = try files.write("dns.yaml", "api.example.com: 203.0.113.9\nother.example.com: 203.0.113.10\n")
        for (to, verdict) in [
            ("api.example.com:443", "allow"), ("api.example.com:80", "deny"), ("other.example.com:443", "deny"),
        ] {
            let ended = try await run(
                [
                    "simulate", "--objects", cluster, policies, "--dns", dns, "--pod", "shop/web", "--to", to, "-o",
                    "json",
                ])
            #expect(try Row.all(ended.out).first?.verdict == verdict, "\(to): \(ended)")
        }
        let addresses = try await run(["learn", "--from", named, "--no-names"])
        #expect(Self.names(addresses.out) == ["web-egress"] && addresses.out.contains("198.51.100.7/32"))
    }

    @Test("several files add up; a broken one is used as far as it goes")
    func severalFiles() async throws {
        let other = try files.write(
            "other.jsonl",
            Self.head + "\n" + Self.record(from: "bank/app", to: #"{"kind":"external"}"#, port: 1, at: "192.0.2.1")
                + "\n{")
        let ended = try await run(["learn", "--from", recorded, other])
        #expect(ended.status == 0 && Self.names(ended.out) == ["app-egress", "batch-egress", "web-egress"])
        #expect(ended.err.contains("\(other): line 3: is cut off; 1 records could be read"), "\(ended.err)")
        let twice = try await run(["learn", "--from", recorded, recorded])
        #expect(twice.out.contains("seen 6 times"))
        let piped = try await run(["learn", "--from", "-"], input: Self.flows)
        #expect(Self.names(piped.out).count == 2)
    }

    @Test("what cannot be used is bad input")
    func badInput() async throws {
        let broken = try files.write("broken.yaml", Shop.policy.replacing("port: 5432", with: "port: 70000"))
        for (arguments, says) in [
            (["--from", files.path("none")], "there is no such file"), (["--from", files.root], files.root),
            (["--from", recorded, "--since", "yesterday"], "--since"),
            (["--from", recorded, "--cidr-v4-max", "33"], "0 to 32"),
            (["--from", recorded, "--verify", broken], "errors in the objects"),
            (["--from", recorded, "--verify", broken, "--default-deny"], "--verify writes no policies"),
            (["--from", recorded, "--output", recorded], "flows.jsonl"),
        ] {
            let ended = try await run(["learn"] + arguments)
            #expect(ended.status == 2 && ended.out == "" && ended.err.contains(says), "\(arguments): \(ended)")
        }
    }
}
