import Agent
import AgentAPI
import Glibc
import TestHarness
import Testing

/// What the next agent finds of one that has ended.
@Suite struct RunEndTests {
    static let last = RunRecord(
        process: 7, boot: "a", startedAt: 1_763_735_000, seenAt: 1_763_735_896, resident: 418 << 20,
        memoryKills: ["/pod/agent": 0, "/pod": 2])

    @Test(
        "C12: how an agent ended is told from what it left",
        arguments: [
            (nil, "", "a", [:], RunEnd.notKnown), (true, "", "a", [:], .stopped),
            (false, "11 1763735900\n", "a", [:], .signal(11)),
            (false, "6 1\n11 1\n", "a", [:], .signal(6)), (false, "", "b", [:], .reboot),
            (false, "", "a", ["/pod": 3, "/pod/other": 0], .outOfMemory), (false, "", "a", ["/pod": 2], .killed),
            (false, "nonsense", "a", [:], .killed),
        ] as [(Bool?, String, String, [String: UInt64], RunEnd)])
    func ends(_ hasStopped: Bool?, _ words: String, _ boot: String, _ kills: [String: UInt64], _ end: RunEnd) {
        var last: RunRecord?
        if let hasStopped {
            last = Self.last
            last?.hasStopped = hasStopped
        }
        let now = RunRecord(process: 8, boot: boot, startedAt: 1_763_736_000, seenAt: 1_763_736_000, memoryKills: kills)
        #expect(RunEnd(last, words: words, now: now) == end)
        #expect(RunEnd.names.contains(end.name))
    }

    @Test("C12: it is told in words, with when and how large it was")
    func words() {
        func text(_ end: RunEnd) -> String { PreviousRun(end: end, last: Self.last).text ?? "" }
        #expect(
            text(.signal(SIGSEGV)).hasSuffix(
                "ended by signal 11 (SIGSEGV), last seen 2025-11-21T14:38:16Z with 418 MiB of memory"))
        #expect(text(.outOfMemory).contains("process 7") && text(.outOfMemory).contains("for want of memory"))
        #expect(PreviousRun(end: .notKnown, last: nil).text == nil)
        #expect(
            PreviousRun(end: .killed, last: Self.last).isTrouble
                && !PreviousRun(end: .stopped, last: Self.last).isTrouble)
    }

    @Test("C12: no agent ends without a word: signals, kills and stops are told by it, its successor and status")
    func agents() async throws {
        try await AgentLab.with { lab in
            try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24"]))
            let crashed = try await lab.start()
            crashed.signal(SIGSEGV)
            #expect(try await crashed.ended(within: 10) == 128 + SIGSEGV)
            #expect(crashed.log.contains("critical: ended by signal 11 (SIGSEGV)"), "\(crashed.log)")
            let killed = try await lab.start(["--log-format", "json"])
            #expect(killed.log.contains("process \(crashed.process), started"), "\(killed.log)")
            #expect(killed.log.contains("ended by signal 11 (SIGSEGV), last seen"))
            try await eventually("status tells") {
                try await lab.tool("status", "-o", "json").out.contains("ended by signal 11 (SIGSEGV)")
            }
            killed.signal(SIGKILL)
            _ = try await killed.ended(within: 10)
            let stopped = try await lab.start()
            #expect(
                stopped.log.contains("(process \(killed.process), started")
                    && stopped.log.contains("was killed, or ended so"))
            stopped.signal(SIGTERM)
            #expect(try await stopped.ended(within: 10) == 0)
            let aborted = try await lab.start(["--log-format", "json"])
            #expect(
                aborted.log.contains("(process \(stopped.process), started") && aborted.log.contains("was stopped at"))
            aborted.signal(SIGABRT)
            #expect(try await aborted.ended(within: 10) == 128 + SIGABRT)
            #expect(aborted.log.contains("{\"level\":\"critical\",\"message\":\"ended by signal 6 (SIGABRT)"))
        }
    }
}
