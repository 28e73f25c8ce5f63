import FoundationEssentials
import Glibc
import KernelDatapath
import PacketLab
import Testing
import VerdictTables

/// Pods that nothing can be enforced on, and pods that are over.
@Suite(.serialized) struct UnenforceableTests {
    private struct Row: Decodable {
        var pod: String
        var state: String
        var unenforceable: String?
    }
    private struct Status: Decodable {
        struct Pods: Decodable {
            var enforced: Int
            var waiting: Int
            var unenforceable: [String: String]
        }
        var problems: [String]
        var pods: Pods
    }
    private struct Policy: Decodable {
        var name: String
        var pods: [String]
        var inForce: String
    }

    private func json<Value: Decodable>(_ node: EnforcedNode, _ type: Value.Type, _ words: String...) throws -> Value {
        try JSONDecoder().decode(
            type,
            from: Data(
                node.tool(
                    words + [
                        "-o", "json", "--bpffs", node.pins.directory, "--state-dir", "\(node.directory)/state",
                    ]
                ).utf8))
    }

    private func runtimeClass(_ name: String, _ handler: String) -> String {
        """
        apiVersion: node.k8s.io/v1
        kind: RuntimeClass
        metadata: {name: \(name)}
        handler: \(handler)
        ---

        """
    }

    /// What a sandbox's runtime does for the pod: a frame of the pod's by AF_PACKET, from the pod's cgroup.
    private func sendsFrame(_ pod: EnforcedPod) throws -> (result: ErrnoName, left: Bool) {
        let wire = try #require(pod.wire)
        _ = try wire.captured()
        let (from, to) = (Endpoint("10.9.0.1", 999), Endpoint("10.9.0.4", 53))
        let packet = PacketBytes.ipv4(
            from: from.address, to: to.address, protocol: .udp,
            payload: PacketBytes.udp(from: from, to: to, payload: [1]))
        let result = try pod.process.run(.sendFrame(packet, interface: "eth0", by: nil)).result
        return try (result, !wire.captured().isEmpty)
    }

    @Test(
        "E2: a pod of gVisor gets its sockets and is called enforced nowhere, its author's word for it counts for nothing"
    )
    func runtimes() throws {
        let node = try EnforcedNode(options: [], config: "unenforceablePods: problem")
        defer { node.close() }
        try node.write("runtimes.yaml", runtimeClass("sandbox", "runsc") + runtimeClass("quick", "crun"))
        let boxed = try node.wirePod("boxed", extra: "runtimeClassName: sandbox")
        let claims = try node.wirePod(
            "claims", labels: "{kubevirt.io: virt-launcher}", "10.9.0.9", "fd09::9", extra: "runtimeClassName: quick")
        let plain = try node.wirePod("plain", "10.9.0.8", "fd09::8", extra: "runtimeClassName: gvisor")
        try node.policy(egress: "[]")
        try node.start()

        let tables = try KernelTables(pins: node.pins)
        func flags(_ pod: EnforcedPod) throws -> PodFlags? {
            try tables.pod(CgroupID(rawValue: pod.cgroup.id))?.flags
        }
        #expect(try flags(boxed)?.contains(.anySocket) == true)
        #expect(try flags(claims)?.contains(.anySocket) == false && flags(plain)?.contains(.anySocket) == false)
        // Whatever it is called, what has a socket is enforced.
        for pod in [boxed, claims, plain] { #expect(try !pod.passes(.tcp, "10.9.0.4", 80)) }
        #expect(try sendsFrame(boxed) == (.ok, true))
        if SocketGuardTests.isPossible { #expect(try sendsFrame(plain) == (.notPermitted, false)) }

        let rows = try node.waitFor("the snapshot") {
            let rows = try? json(node, [Row].self, "pods")
            return rows?.contains { $0.pod == "default/boxed" } == true ? rows : nil
        }
        let states = Dictionary(rows.map { ($0.pod, $0.state) }) { first, _ in first }
        #expect(["boxed", "claims", "plain"].allSatisfy { states["default/\($0)"] == "unenforceable" }, "\(states)")
        #expect(rows.first { $0.pod == "default/boxed" }?.unenforceable?.contains("runsc") == true)
        let status = try json(node, Status.self, "status")
        #expect(status.pods.enforced == 0 && status.pods.unenforceable.count == 3)
        #expect(
            status.problems.contains { $0.hasPrefix("default/boxed cannot be enforced: gVisor") }, "\(status.problems)")
        let policies = try json(node, [Policy].self, "policies")
        #expect(policies.first { $0.name == "policy" }?.inForce == "partly")
    }

    @Test("E5: a finished Job's pods are nobody's problem, and are enforced while their cgroups are there")
    func finished() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let done = (1...3).map { number in
            Manifest.Pod("done-\(number)", "default", ["10.9.0.2\(number)"]).text
                .replacing("phase: Running", with: number == 1 ? "phase: Failed" : "phase: Succeeded")
        }
        try node.write("done.yaml", done.joined())
        let pod = try node.wirePod("lingers", namespace: "jobs")
        let text = try #require(pod.manifest?.text)
        try node.write("pod-jobs-lingers.yaml", text.replacing("phase: Running", with: "phase: Succeeded"))
        try node.policy(egress: "[]")
        try node.policy("jobs", namespace: "jobs", egress: "[]")
        let running = try node.wirePod("runs", "10.9.0.8")
        try node.start()
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80) && !running.passes(.tcp, "10.9.0.4", 80))
        let rows = try node.waitFor("the snapshot") {
            let rows = try? json(node, [Row].self, "pods")
            return rows?.contains { $0.pod == "default/runs" && $0.state == "enforced" } == true ? rows : nil
        }
        #expect(!rows.contains { $0.pod.contains("done-") }, "\(rows)")
        // The one that waits is the marker.
        #expect(try json(node, Status.self, "status").pods.waiting == 1)
        let policies = try node.waitFor("the policies") {
            let policies = try? json(node, [Policy].self, "policies")
            return policies?.contains { $0.name == "policy" } == true ? policies : nil
        }
        let policy = try #require(policies.first { $0.name == "policy" })
        #expect(policy.pods == ["default/runs"] && policy.inForce == "yes")
        #expect(!policies.contains { $0.name == "jobs" && !$0.pods.isEmpty }, "\(policies)")
        pod.process.kill()
        try node.lab.cgroup("kubepods/burstable/podjobs-lingers").remove()
        try node.waitUntil("the lingering one is gone") {
            try !json(node, [Row].self, "pods").contains { $0.pod == "jobs/lingers" }
        }
    }
}
