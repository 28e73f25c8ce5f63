import TestHarness
import Testing

@Suite struct ProbeTests {
    let files: TemporaryDirectory
    let shop: String

    init() throws {
        files = try TemporaryDirectory()
        shop = try files.write("shop.yaml", Shop.everything)
    }

    func ask(_ probes: String) async throws -> Programs.Ended {
        try await run(["simulate", "--objects", shop, "--probes", try files.write("probes.json", probes), "-o", "json"])
    }

    @Test("answers stand in the order of the questions") func answersStandInTheOrderOfTheQuestions() async throws {
        let ended = try await ask(
            """
            [{"pod": "shop/web", "to": "10.0.0.2", "port": 5432, "protocol": "TCP", "expect": "allow"},
             {"pod": "shop/web", "to": "fd00::2", "port": 53, "protocol": "UDP", "class": "ignored"},
             {"pod": "shop/web", "to": "10.0.0.2", "protocol": "ICMP", "expect": "deny"},
             {"pod": "shop/db", "to": "10.0.0.1", "port": 1, "protocol": "SCTP"}]
            """)
        #expect(ended.status == 0 && ended.err == "")
        let rows = try Row.all(ended.out)
        #expect(rows.map(\.verdict) == ["allow", "allow", "deny", "allow"])
        #expect(rows.map(\.protocol) == ["TCP", "UDP", "ICMP", "SCTP"])
        let none = try await ask("[]")
        #expect(try none.status == 0 && Row.all(none.out).isEmpty)
    }

    @Test("a missed expectation ends with one") func aMissedExpectationEndsWithOne() async throws {
        let ended = try await ask(
            """
            [{"pod": "shop/web", "to": "10.0.0.2", "port": 5432, "expect": "allow"},
             {"pod": "shop/web", "to": "10.0.0.2", "port": 80, "expect": "allow"}]
            """)
        #expect(ended.status == 1)
        #expect(try Row.all(ended.out).map(\.verdict) == ["allow", "deny"], "answers are printed all the same")
        #expect(ended.err.contains("expected allow, got deny: shop/web to 10.0.0.2 port 80 TCP"), "\(ended.err)")
        #expect(ended.err.contains("1 of 2 probes missed"))
    }

    @Test(
        "bad probes are named",
        arguments: [
            (#"{"pod": "web"}"#, "field to"), (#"{"pod": "web", "to": "10.0.0.2", "port": 1}"#, "field pod"),
            (#"{"pod": "a/b/c", "to": "10.0.0.2", "port": 1}"#, "field pod"),
            (#"{"pod": "shop/web", "to": "x", "port": 1}"#, "field to"),
            (#"{"pod": "shop/web", "to": "10.0.0.2"}"#, "field port"),
            (#"{"pod": "shop/web", "to": "10.0.0.2", "port": 0}"#, "field port"),
            (#"{"pod": "shop/web", "to": "10.0.0.2", "port": 65536}"#, "field port"),
            (#"{"pod": "shop/web", "to": "10.0.0.2", "port": -1}"#, "field port"),
            (#"{"pod": "shop/web", "to": "10.0.0.2", "port": "80"}"#, "field port"),
            (#"{"pod": "shop/web", "to": "10.0.0.2", "port": 1, "protocol": "tcp"}"#, "field protocol"),
            (#"{"pod": "shop/web", "to": "10.0.0.2", "port": 1, "protocol": 6}"#, "field protocol"),
            (#"{"pod": "shop/web", "to": "10.0.0.2", "port": 1, "expect": "maybe"}"#, "field expect"),
            (#"{"pod": "shop/web", "to": "10.0.0.2", "port": 1, "expect": true}"#, "field expect"),
            (#"{"pod": "shop/web", "to": "10.0.0.2", "port": 1, "expct": "deny"}"#, "field expct"),
            ("7", "probe 1"), ("null", "probe 1"),
        ])
    func badProbesAreNamed(_ probe: String, _ says: String) async throws {
        let ended = try await ask(#"[{"pod": "shop/web", "to": "10.0.0.2", "port": 80}, \#(probe)]"#)
        #expect(ended.status == 2 && ended.out == "", "\(ended)")
        #expect(ended.err.contains("probes.json: probe 1") && ended.err.contains(says), "\(ended.err)")
    }

    @Test("files that are no probes", arguments: ["", "{", "{}", "7", "\u{0}", "[{]"])
    func filesThatAreNoProbes(_ text: String) async throws {
        let ended = try await ask(text)
        #expect(ended.status == 2 && ended.err.contains("probes.json: "), "\(ended.err)")
    }
}
