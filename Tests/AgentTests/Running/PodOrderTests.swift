import Glibc
import KernelDatapath
import TestHarness
import Testing
import VerdictTables

/// Pods and their kubelet-shaped cgroups below a running agent, in several orders.
@Suite struct PodOrderTests {
    static let first = "6b1e5d0a-1f7c-4f7e-9d27-0d1f6f1c5a11"
    static let second = "6b1e5d0a-1f7c-4f7e-9d27-0d1f6f1c5a22"

    /// Runs an agent whose cgroup of all pods is `kubepods`.
    func with(_ body: (AgentLab) async throws -> Void) async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("kubepods")
            lab.makeCgroup("kubepods/burstable")
            try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24"]))
            _ = try await lab.start(["--pods-cgroup", "\(lab.top)/kubepods"])
            try await eventually("the programs are on the cgroup of all pods") {
                try lab.links().count == DatapathProgram.allCases.count
            }
            try await body(lab)
        }
    }

    func pod(_ uid: String, _ address: String, annotations: String = "{}", name: String = "web") -> String {
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name), namespace: shop, uid: \(uid), annotations: \(annotations)}
        status: {podIP: \(address), phase: Running}

        """
    }

    func path(_ uid: String) -> String { "kubepods/burstable/pod\(uid)" }

    func isEnforced(_ lab: AgentLab, _ uid: String) async throws {
        let id = try lab.cgroupID(path(uid))
        try await eventually("\(uid) is enforced") {
            try lab.kernelTables().pods[id]?.flags.contains(.isolated) == true
        }
        #expect(try await !lab.mayConnect(from: path(uid), to: "203.0.113.7"))
        #expect(try await lab.mayConnect(from: path(uid), to: "198.51.100.7"))
    }

    @Test("a cgroup that is there before its pod is under guards until then") func cgroupFirst() async throws {
        try await with { lab in
            lab.makeCgroup(path(Self.first))
            #expect(try await lab.mayConnect(from: path(Self.first), to: "203.0.113.7"))
            #expect(try await !lab.mayConnect(from: path(Self.first), to: "169.254.169.254"))
            try lab.write("pods.yaml", pod(Self.first, "10.9.0.1"))
            try await isEnforced(lab, Self.first)
        }
    }

    @Test("a deleted pod's cgroup stays under its policies, as they become") func podDeletedFirst() async throws {
        try await with { lab in
            try lab.write("pods.yaml", pod(Self.first, "10.9.0.1"))
            lab.makeCgroup(path(Self.first))
            try await isEnforced(lab, Self.first)
            lab.files.remove("manifests/pods.yaml")
            try await eventually("status tells of it") {
                try await lab.tool("status").out.contains("1 deleted,")
            }
            try await isEnforced(lab, Self.first)
            try lab.write("policy.yaml", lab.policy("out", blocks: ["203.0.113.0/24"]))
            try await eventually("the edited policy applies to it") {
                try await lab.mayConnect(from: path(Self.first), to: "203.0.113.7")
            }
            #expect(try await !lab.mayConnect(from: path(Self.first), to: "198.51.100.7"))
            lab.removeCgroup(path(Self.first))
            try await eventually("nothing is left of it") { try lab.kernelTables().pods.isEmpty }
            try await eventually("status forgets it") { try await lab.tool("status").out.contains("0 deleted,") }
        }
    }

    @Test("another pod of the name is enforced beside the one that is not gone yet") func recreated() async throws {
        try await with { lab in
            try lab.write("pods.yaml", pod(Self.first, "10.9.0.1"))
            lab.makeCgroup(path(Self.first))
            try await isEnforced(lab, Self.first)
            try lab.write("pods.yaml", pod(Self.second, "10.9.0.2"))
            lab.makeCgroup(path(Self.second))
            try await isEnforced(lab, Self.second)
            try await isEnforced(lab, Self.first)
            let last = try lab.cgroupID(path(Self.second))
            lab.removeCgroup(path(Self.first))
            try await eventually("one is left") { try Array(lab.kernelTables().pods.keys) == [last] }
        }
    }

    @Test("a cgroup that is made again at once is another") func cgroupAgain() async throws {
        try await with { lab in
            try lab.write("pods.yaml", pod(Self.first, "10.9.0.1"))
            for _ in 0..<20 {
                lab.makeCgroup(path(Self.first))
                lab.removeCgroup(path(Self.first))
            }
            lab.makeCgroup(path(Self.first))
            try await isEnforced(lab, Self.first)
            #expect(try lab.kernelTables().pods.count == 1)
        }
    }

    @Test("a tree that appears while the agent runs is attached to and watched") func lateTree() async throws {
        try await AgentLab.with { lab in
            try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24"]))
            try lab.write("pods.yaml", pod(Self.first, "10.9.0.1"))
            let agent = try await lab.start(["--pods-cgroup", "\(lab.top)/late/kubepods"])
            #expect(agent.log.contains("nothing is enforced yet"))
            for round in 1...2 {
                for name in ["late", "late/kubepods", "late/kubepods/pod\(Self.first)"] { lab.makeCgroup(name) }
                let tree = try lab.cgroupID("late/kubepods")
                try await eventually("the programs are on it, round \(round)") {
                    let links = try lab.links()
                    return links.count == DatapathProgram.allCases.count
                        && links.keys.allSatisfy { $0.hasPrefix("\(tree.rawValue) ") }
                }
                let pod = try lab.cgroupID("late/kubepods/pod\(Self.first)")
                try await eventually("the pod has its entry") { try Array(lab.kernelTables().pods.keys) == [pod] }
                lab.removeCgroup("late")
                try await eventually("the entry is gone") { try lab.kernelTables().pods.isEmpty }
            }
        }
    }
}
