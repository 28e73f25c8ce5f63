import Glibc
import KernelDatapath
import TestHarness
import Testing
import VerdictTables

/// When the kernel or the machine refuses.
@Suite struct TroubleTests {
    @Test("a full map keeps the old verdicts and recovers") func aFullMapKeepsTheOldVerdictsAndRecovers() async throws {
        try await AgentLab.with { lab in
            // Maps that are there keep their capacity.
            _ = try DatapathObject(pins: lab.pins, capacities: [.addresses: 100])
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24"]))
            let agent = try await lab.start()
            try await lab.settled()
            let before = try lab.kernelTables()
            let many = (0..<200).map { "10.77.\($0).0/24" } + ["203.0.113.0/24"]
            try lab.write("policy.yaml", lab.policy("out", blocks: many))
            try await eventually("status shows the pod degraded") {
                let status = try await lab.tool("status")
                return status.status == 1 && status.out.contains("shop/web is degraded")
            }
            #expect(agent.log.contains("map addresses has room for 100 entries; "))
            // While it tries again, more is there for a moment; verdicts stay.
            var now = before
            try await eventually("the old tables are back", describing: { "\(TableChanges(from: before, to: now))" }) {
                now = try lab.kernelTables()
                return now == before
            }
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
            #expect(try await lab.mayConnect(from: "web", to: "198.51.100.7"))
            try lab.write("policy.yaml", lab.policy("out", blocks: ["203.0.113.0/24"]))
            try await lab.settled()
            try await eventually("all is well") { try await lab.tool("status").status == 0 }
            #expect(try await lab.mayConnect(from: "web", to: "203.0.113.7"))
        }
    }

    @Test("a state directory that vanishes is reported") func aStateDirectoryThatVanishesIsReported() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            let agent = try await lab.start()
            try await lab.settled()
            try lab.files.move("state", to: "away")
            try lab.files.write("state", "")
            try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24"]))
            try await eventually("the log says so", describing: { agent.log }) {
                agent.log.contains("snapshot: \(lab.files.path("state")) cannot be written")
            }
            try await lab.settled()
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"), "policy is applied all the same")
            lab.files.remove("state")
            try lab.files.move("away", to: "state")
            try await eventually("all is well") { try await lab.tool("status").status == 0 }
        }
    }

    @Test("a state directory that cannot be made is refused")
    func aStateDirectoryThatCannotBeMadeIsRefused() async throws {
        try await AgentLab.with { lab in
            let file = try lab.files.write("file", "")
            let agent = try lab.launch(["--state-dir", "\(file)/state"])
            #expect(try await agent.ended(within: 10) == 1)
            #expect(agent.log.contains("\(file)/state"), "\(agent.log)")
        }
    }

    @Test("a cgroup root that is none is refused", arguments: ["/nonexistent", "/proc"])
    func aCgroupRootThatIsNoneIsRefused(_ root: String) async throws {
        try await AgentLab.with { lab in
            let agent = try lab.launch(["--cgroup-root", root])
            #expect(try await agent.ended(within: 10) == 1)
            #expect(agent.log.contains(root), "\(agent.log)")
            #expect(access(lab.pins.directory, F_OK) != 0, "nothing was loaded")
        }
    }

    @Test("pins outside a BPF file system are refused with advice")
    func pinsOutsideABPFFileSystemAreRefusedWithAdvice() async throws {
        try await AgentLab.with { lab in
            let agent = try lab.launch(["--bpffs", lab.files.path("pins")])
            #expect(try await agent.ended(within: 10) == 1)
            #expect(agent.log.contains("mount -t bpf"), "\(agent.log)")
        }
    }

    @Test("another build's map is refused with advice") func anotherBuildsMapIsRefusedWithAdvice() async throws {
        try await AgentLab.with { lab in
            try lab.pins.prepare()
            let path = lab.pins.path(DatapathMap.rules)
            let made = try await Programs.run(
                "/bin/sh", ["-c", "bpftool map create \(path) type hash key 8 value 24 entries 4 name rules"])
            try #require(made.status == 0, "\(made.err)")
            let agent = try lab.launch()
            #expect(try await agent.ended(within: 10) == 1)
            #expect(agent.log.contains(path) && agent.log.contains("sluice cleanup"), "\(agent.log)")
        }
    }
}
