import PacketLab
import PolicyModel
import Testing

/// A node whose agent has enforced, with a pod that may reach nothing.
final class AccessScene: Scene {
    let node: ClusterNode
    private let pod: RunningPod

    var agent: AgentContainer { node.agent }
    var controlPlane: ControlPlane { node.controlPlane }

    init(_ cluster: Cluster) throws {
        let name = "access"
        node = try ClusterNode(cluster, "node-\(name)")
        try cluster.controlPlane.kubectl(
            "apply", text: Manifest.namespace(name) + Manifest.policy("nothing", name, egress: "[]"))
        pod = try node.kubelet.run(Pod("pod", in: name, "10.22.0.1"))
        try node.start()
        try node.settle()
        try expectDenied()
    }

    func close() { node.close() }

    func expectDenied() throws {
        let result = try pod.process.run(.tcpConnect(to: Endpoint("10.22.0.99", 80), timeoutMs: 300)).result
        #expect(result == .notPermitted)
    }

    /// Runs the agent again in changed circumstances, until its log and the tool say the words.
    ///
    /// - Parameter words: those of each line that is to come.
    func complains(_ words: [String]...) throws {
        let start = agent.log.count
        try agent.start()
        for line in words {
            try node.waitUntil("the log says \(line)") {
                agent.log.dropFirst(start).split(separator: "\n").contains { Self.holds($0, line) }
            }
            try node.awaitStatus("\(line)") { status in
                !status.well && status.problems.contains { Self.holds($0[...], line) }
            }
        }
        try expectDenied()
        #expect(try node.isAlive)
    }

    /// - Parameter change: takes the fault away.
    func recovers(_ change: () throws -> Void) throws {
        try change()
        try node.awaitWell()
        #expect(try node.isReady)
        try node.settle()
        try expectDenied()
    }

    private static func holds(_ line: Substring, _ words: [String]) -> Bool {
        let line = line.lowercased()
        return words.allSatisfy { line.contains($0.lowercased()) }
    }
}
