import Glibc
import PacketLab
import TestHarness
import Testing

/// The agent needs what the DaemonSet gives it, and nothing else.
extension EndToEnd {
    @Suite(.serialized) struct ConfinementTests {
        @Test("It starts with the capabilities that the DaemonSet names")
        func enough() throws {
            let node = try Self.node("confined")
            defer { node.close() }
            try node.agent.start()
            try node.awaitLog("8 attached")
        }

        /// SYS_RESOURCE is for kernels before 5.11.
        @Test("It tells what is missing without one of them", arguments: ["BPF", "NET_ADMIN", "PERFMON"])
        func needed(capability: String) throws {
            let node = try Self.node("lacks-\(capability.lowercased().replacing("_", with: "-"))")
            defer { node.close() }
            try node.agent.start(lacking: capability)
            try blockUntil("the agent has ended") { node.agent.program?.hasEnded == true }
            let told = node.agent.log.split(separator: "\n").filter { $0.hasSuffix(" is missing") }
            #expect(told.count == 1 && told[0].hasSuffix("  CAP_\(capability) is missing"), "\(node.agent.log)")
        }

        /// An agent that enforces before it knows of a pod; no server is needed.
        private static func node(_ name: String) throws -> ClusterNode {
            try ClusterNode(Cluster.current, name, arguments: ["--source=/var/empty"])
        }
    }
}
