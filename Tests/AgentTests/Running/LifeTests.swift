import Glibc
import KernelDatapath
import TestHarness
import Testing

/// Start, stop, crash, and who may run.
@Suite struct LifeTests {
    func ready(_ lab: AgentLab) throws {
        lab.makeCgroup("web")
        try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
        try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24"]))
    }

    @Test("a stop leaves enforcement in place", arguments: [SIGTERM, SIGINT])
    func aStopLeavesEnforcementInPlace(_ signal: Int32) async throws {
        try await AgentLab.with { lab in
            try ready(lab)
            let agent = try await lab.start()
            try await lab.settled()
            let links = try lab.links()
            agent.signal(signal)
            #expect(try await agent.ended(within: 10) == 0)
            #expect(agent.log.contains("enforcement stays in place"))
            #expect(try lab.links() == links && links.count == DatapathProgram.allCases.count)
            #expect(try lab.kernelTables() == lab.desired())
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
            let status = try await lab.tool("status")
            #expect(status.status == 1 && status.out.contains("sluiced does not run"))
            let explain = try await lab.tool("explain", "shop/web", "--to", "203.0.113.7:443")
            #expect(explain.status == 0 && explain.out.hasPrefix("DENY") && explain.err.contains("does not run"))
        }
    }

    @Test("detach on exit removes everything") func detachOnExitRemovesEverything() async throws {
        try await AgentLab.with { lab in
            try ready(lab)
            let agent = try await lab.start(["--detach-on-exit"])
            try await lab.settled()
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
            agent.signal(SIGTERM)
            #expect(try await agent.ended(within: 10) == 0)
            #expect(access(lab.pins.directory, F_OK) != 0)
            #expect(try await lab.mayConnect(from: "web", to: "203.0.113.7"))
        }
    }

    @Test("cleanup refuses then removes then does nothing")
    func cleanupRefusesThenRemovesThenDoesNothing() async throws {
        try await AgentLab.with { lab in
            try ready(lab)
            let agent = try await lab.start()
            try await lab.settled()
            let refused = try await lab.tool("cleanup")
            #expect(refused.status == 1 && refused.err.contains("process \(agent.process)"))
            #expect(try lab.links().values.allSatisfy { $0 != nil })
            agent.signal(SIGKILL)
            #expect(try await agent.ended(within: 10) == 128 + SIGKILL)
            let removed = try await lab.tool("cleanup")
            #expect(removed.status == 0 && removed.out.contains("removed \(lab.pins.directory)"))
            #expect(access(lab.pins.directory, F_OK) != 0)
            #expect(try await lab.mayConnect(from: "web", to: "203.0.113.7"))
            let again = try await lab.tool("cleanup")
            #expect(again.status == 0 && again.out == "nothing was there\n")
        }
    }

    @Test("a second agent is refused") func aSecondAgentIsRefused() async throws {
        try await AgentLab.with { lab in
            try ready(lab)
            let first = try await lab.start()
            try await lab.settled()
            let second = try lab.launch()
            #expect(try await second.ended(within: 10) != 0)
            #expect(second.log.contains("held by process \(first.process) "), "\(second.log)")
            try await eventually("all is well with the first") { try await lab.tool("status").status == 0 }
        }
    }

    @Test("a killed agent's successor takes over") func aKilledAgentsSuccessorTakesOver() async throws {
        try await AgentLab.with { lab in
            try ready(lab)
            let first = try await lab.start()
            try await lab.settled()
            let (tables, links) = (try lab.kernelTables(), try lab.links())
            let programs = try Attachments(pins: lab.pins).list().map(\.state)
            first.signal(SIGKILL)
            _ = try await first.ended(within: 10)
            #expect(try lab.links() == links)
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
            let second = try await lab.start()
            #expect(try lab.kernelTables() == tables)
            #expect(try lab.links() == links, "the links stay")
            #expect(try Attachments(pins: lab.pins).list().map(\.state) != programs, "the programs are new")
            #expect(second.log.contains("\(DatapathProgram.allCases.count) replaced"))
            try await eventually("all is well") { try await lab.tool("status").status == 0 }
        }
    }

    /// Killed at whatever moment of a change, the next one sets it right.
    @Test("kills during changes leave nothing behind") func killsDuringChangesLeaveNothingBehind() async throws {
        try await AgentLab.with { lab in
            try ready(lab)
            for round in 0..<6 {
                let agent = try await lab.start()
                for step in 0..<8 {
                    let blocks = (0..<20).map { "10.\(round).\(step * 20 + $0).0/24" }
                    try lab.write("policy.yaml", lab.policy("out", blocks: blocks))
                    try await Task.sleep(for: .milliseconds(7 * step + round))
                    #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"), "no gap")
                }
                agent.signal(SIGKILL)
                _ = try await agent.ended(within: 10)
            }
            _ = try await lab.start()
            try await lab.settled()
        }
    }
}
