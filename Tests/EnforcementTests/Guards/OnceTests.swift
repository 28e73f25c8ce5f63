import Glibc
import KernelDatapath
import PacketLab
import Testing
import VerdictTables

/// `sluiced --once`, before kubelet has made anything.
@Suite(.serialized) struct OnceTests {
    private func pod(_ node: EnforcedNode, _ name: String) throws -> EnforcedPod {
        let wire = try node.lab.wire(name)
        try wire.setAddresses([address("10.9.0.1"), address("fd09::1")])
        let pod = try node.stranger(name, on: wire.namespace)
        pod.wire = wire
        return pod
    }

    @Test("E6: a pod that starts at once meets the guards, before any agent, and the agent takes over")
    func guards() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        try node.lab.cgroup("kubepods").remove()
        try node.launch { $0 + ["--once"] }
        node.awaitEndOfAgent()
        #expect(node.agent?.endStatus == 0, "\(node.log)")
        #expect(try access("\(node.lab.rootCgroup.directory)/kubepods", F_OK) == 0)
        let pod = try pod(node, "static")
        #expect(try !pod.passes(.tcp, "169.254.169.254", 80))
        #expect(try pod.passes(.tcp, "10.9.0.4", 80))

        pod.manifest = Manifest.Pod("static", "default", ["10.9.0.1"])
        try node.introduce(pod)
        try node.policy(egress: "[]")
        try node.start()
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
        node.agent?.terminate()
        node.awaitEndOfAgent()
        // What an agent has put in force is left alone.
        try node.launch { $0 + ["--once"] }
        node.awaitEndOfAgent()
        #expect(node.agent?.endStatus == 0 && node.lastLog.contains("stays as it is"), "\(node.lastLog)")
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
    }

    @Test("E6: where nobody says where pods will be, it waits for their cgroup, and the posture hold is in force too")
    func waiting() throws {
        let node = try EnforcedNode("--startup-posture", "hold")
        defer { node.close() }
        try node.lab.cgroup("kubepods").remove()
        let root = try node.lab.rootCgroup.directory
        try node.launch { words in
            var words = words
            if let place = words.firstIndex(of: "--pods-cgroup") { words.removeSubrange(place...place + 1) }
            return words + ["--once", "--cgroup-root", root]
        }
        _ = try node.awaitLog("waiting for the cgroup of all pods")
        let pod = try pod(node, "static")
        node.awaitEndOfAgent()
        #expect(node.agent?.endStatus == 0, "\(node.log)")
        #expect(try !pod.passes(.tcp, "169.254.169.254", 80))
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
    }
}
