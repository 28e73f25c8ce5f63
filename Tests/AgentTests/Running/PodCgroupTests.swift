import Glibc
import KernelDatapath
import TestHarness
import Testing
import VerdictTables

/// Cgroups that come and go below a running agent.
@Suite struct PodCgroupTests {
    @Test("entries go and come with the cgroup") func entriesGoAndComeWithTheCgroup() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1") + lab.pod("late", "10.9.0.2"))
            _ = try await lab.start()
            try await lab.settled()
            let old = try lab.cgroupID("web")
            #expect(try Set(lab.kernelTables().pods.keys) == [old])
            lab.removeCgroup("web")
            try await eventually("its entry and links are gone") {
                try lab.kernelTables().pods.isEmpty && lab.links().isEmpty
            }
            try await eventually("status says that both wait") {
                let status = try await lab.tool("status")
                return status.status == 1 && status.out.contains("2 waiting")
            }
            lab.makeCgroup("web")
            lab.makeCgroup("late")
            try await lab.settled()
            #expect(try lab.cgroupID("web") != old)
            #expect(try lab.kernelTables().pods.count == 2)
            try await eventually("all is well") { try await lab.tool("status").status == 0 }
        }
    }

    @Test("pods are found by UID below kubepods") func podsAreFoundByUIDBelowKubepods() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("pods")
            lab.makeCgroup("pods/burstable")
            try lab.write(
                "pods.yaml",
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: web, namespace: shop, uid: 6b1e5d0a-1f7c-4f7e-9d27-0d1f6f1c5a11}
                status: {podIP: 10.9.0.1, phase: Running}
                """)
            _ = try await lab.start(["--pods-cgroup", "\(lab.top)/pods"])
            try await eventually("the programs are on the cgroup of all pods") {
                try lab.links().count == DatapathProgram.allCases.count
            }
            let links = try lab.links()
            let path = "pods/burstable/pod6b1e5d0a-1f7c-4f7e-9d27-0d1f6f1c5a11"
            lab.makeCgroup(path)
            let id = try lab.cgroupID(path)
            try await eventually("the pod has its entry") { try lab.kernelTables().pods[id] != nil }
            #expect(try lab.links() == links, "a pod below is inside already")
        }
    }

    @Test("two pods in one cgroup are reported") func twoPodsInOneCgroupAreReported() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1") + lab.pod("zeb", "10.9.0.2", cgroup: "web"))
            let agent = try await lab.start()
            try await eventually("status says so") {
                let status = try await lab.tool("status")
                return status.status == 1 && status.out.contains("shop/zeb is in the cgroup of shop/web")
                    && status.out.contains("1 enforced, 1 waiting")
            }
            #expect(agent.log.contains("shop/zeb is in the cgroup of shop/web"))
        }
    }
}
