import Glibc
import TestHarness
import Testing
import VerdictTables

/// From a file to the kernel, through a running agent.
@Suite struct ManifestChangeTests {
    @Test("manifests reach the kernel and packets") func manifestsReachTheKernelAndPackets() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24"]))
            _ = try await lab.start()
            try await lab.settled()
            #expect(try await lab.mayConnect(from: "web", to: "198.51.100.7"))
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
            #expect(try await !lab.mayConnect(from: "web", to: "169.254.169.254"))
            // A changed file changes the map and what packets meet.
            try lab.write("policy.yaml", lab.policy("out", blocks: ["203.0.113.0/24"]))
            try await lab.settled()
            #expect(try await !lab.mayConnect(from: "web", to: "198.51.100.7"))
            #expect(try await lab.mayConnect(from: "web", to: "203.0.113.7"))
            // A deleted file ends its policies.
            lab.files.remove("manifests/policy.yaml")
            try await lab.settled()
            #expect(try await lab.mayConnect(from: "web", to: "198.51.100.7"))
            let pods = try await lab.tool("maps", "pods", "-o", "json")
            #expect(pods.status == 0 && pods.out.contains("\"pod\" : \"shop/web\""))
        }
    }

    /// What editors, full disks and mistakes leave in a file.
    static let broken: [(name: String, bytes: [UInt8])] = [
        (
            "half written",
            Array("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec: {podSelector: {".utf8)
        ),
        ("junk", Array("apiVersion: v1\n\tkind: [}\n".utf8)),
        ("NULs", [UInt8](repeating: 0, count: 4096)),
        ("truncated to nothing", []),
    ]

    @Test("a broken file keeps its last good state", arguments: broken.indices)
    func aBrokenFileKeepsItsLastGoodState(_ index: Int) async throws {
        let (name, bytes) = Self.broken[index]
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24"]))
            let agent = try await lab.start()
            try await lab.settled()
            let before = try lab.kernelTables()
            try lab.files.write("manifests/policy.yaml", bytes)
            try await eventually("\(name): the log names the file") { agent.log.contains("/policy.yaml") }
            if !bytes.isEmpty { #expect(agent.log.contains("/policy.yaml:"), "with its line:\n\(agent.log)") }
            #expect(agent.log.contains("last good contents") || agent.log.contains("last contents"))
            #expect(try lab.kernelTables() == before)
            if !bytes.isEmpty {
                try await eventually("status names the file") {
                    let status = try await lab.tool("status")
                    return status.status == 1 && status.out.contains("policy.yaml")
                }
            }
            // A new agent has only the copy to go by.
            agent.signal(SIGKILL)
            _ = try await agent.ended(within: 10)
            let second = try await lab.start()
            #expect(try lab.kernelTables() == before)
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
            // Other files still count, and a mended one does again.
            try lab.write("more.yaml", lab.policy("more", blocks: ["203.0.113.0/24"]))
            try await eventually("another file is read", describing: { second.log }) {
                try await lab.mayConnect(from: "web", to: "203.0.113.7")
            }
            try lab.write("policy.yaml", lab.policy("out", blocks: ["192.0.2.0/24"]))
            try await lab.settled()
            try await eventually("all is well") { try await lab.tool("status").status == 0 }
        }
    }

    @Test("a wrong type fails that rule and names the field")
    func aWrongTypeFailsThatRuleAndNamesTheField() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24", "nonsense"]))
            let agent = try await lab.start()
            try await lab.settled()
            #expect(agent.log.contains("spec.egress[0].to[1].ipBlock.cidr"))
            #expect(agent.log.contains("NetworkPolicy shop/out"))
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
        }
    }

    @Test("a missing source is read when it appears") func aMissingSourceIsReadWhenItAppears() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            lab.files.remove("manifests")
            let agent = try await lab.start()
            #expect(agent.log.contains("manifests"))
            let status = try await lab.tool("status")
            #expect(status.status == 1 && status.out.contains("manifests"), "\(status)")
            try lab.files.makeDirectory("manifests")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            try await lab.settled()
            #expect(try lab.kernelTables().pods.count == 1)
            try await eventually("all is well") { try await lab.tool("status").status == 0 }
        }
    }
}
