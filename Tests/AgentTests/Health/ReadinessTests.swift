import Agent
import AgentConfiguration
import TestHarness
import Testing

@Suite struct ReadinessTests {
    /// What stands in the way of synced, attached, verified and running, and what is said.
    @Test(
        "the summary says what is not ready",
        arguments: [
            (
                ["not yet", "not yet", "not yet", "not yet"] as [String?],
                "synced: not yet\nattached: not yet\nverified: not yet\nrunning: not yet\n"
            ),
            ([nil, "no\ncgroup", nil, nil], "attached: no cgroup\n"), ([nil, nil, "x", nil], "verified: x\n"),
            (["y", nil, nil, nil], "synced: y\n"), ([nil, nil, nil, "z"], "running: z\n"),
            ([nil, nil, nil, nil], "ok\n"),
        ])
    func summaries(_ obstacles: [String?], _ summary: String) {
        var readiness = Readiness()
        for (condition, obstacle) in zip(Readiness.Condition.allCases, obstacles) { readiness[condition] = obstacle }
        #expect(readiness.summary == summary)
        #expect(readiness.isReady == (summary == "ok\n"))
    }

    @Test("nothing holds at first, and the long form tells of everything")
    func verbose() {
        var readiness = Readiness()
        #expect(!readiness.isReady)
        readiness[.synced] = nil
        readiness[.attached] = "no cgroup"
        #expect(
            readiness.verbose
                == "[+]synced ok\n[-]attached failed: no cgroup\n[-]verified failed: not yet\n[-]running failed: not yet\nreadyz check failed\n"
        )
        readiness[.attached] = nil
        readiness[.verified] = nil
        readiness[.running] = nil
        #expect(
            readiness.verbose == "[+]synced ok\n[+]attached ok\n[+]verified ok\n[+]running ok\nreadyz check passed\n")
    }

    @Test("a heart that has not beaten for long is complained of")
    func heartbeat() async throws {
        let heartbeat = Heartbeat(interval: .milliseconds(1), limit: .seconds(60)) {}
        #expect(heartbeat.problem() == nil)
        #expect(
            heartbeat.problem(at: .now + .seconds(75))?.hasPrefix("the agent has not answered for 7") == true)
        let late = ContinuousClock.now + .seconds(61)
        #expect(heartbeat.problem(at: late) != nil)
        try await alongside(heartbeat.run) {
            try await eventually("it beats") { heartbeat.problem(at: late) == nil }
        }
    }

    @Test("an agent that does not answer keeps the heart from beating")
    func stuck() async throws {
        let heartbeat = Heartbeat(interval: .milliseconds(1), limit: .milliseconds(20)) {
            _ = try? await Task.sleep(for: .seconds(1000))
        }
        try await alongside(heartbeat.run) {
            try await eventually("it is complained of") { heartbeat.problem() != nil }
        }
    }

    @Test(
        "listen addresses are read",
        arguments: [
            ("127.0.0.1:7584", true), ("[::1]:7584", true), ("0.0.0.0:1", true), ("[::]:65535", true),
            ("127.0.0.1", false), ("127.0.0.1:0", false), ("127.0.0.1:65536", false), ("localhost:80", false),
            ("::1:7584", false), ("[127.0.0.1]:80", false), (":80", false), ("", false), ("127.0.0.1:80 ", false),
        ])
    func addresses(_ text: String, _ isGood: Bool) {
        let address = ListenAddress(text)
        #expect((address != nil) == isGood)
        if let address { #expect(address.description == text) }
    }
}
