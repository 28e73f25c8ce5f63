import Glibc
import PacketLab
import Testing

/// The limit that ``Fault/littleMemory`` sets, by whichever controller the machine has.
@Suite(.serialized) struct MemoryLimitTests {
    @Test("an agent that finds too little memory is ended by the kernel, and enforcement goes on without it")
    func limit() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        let limit = try #require(MemoryLimit(for: "\(node.lab.name)/agent"), "no memory controller for cgroups")
        defer { limit.remove() }
        node.killAgent()
        try limit.set(4 << 20)
        try node.launch { limit.words + $0 }
        node.awaitEndOfAgent()
        #expect(node.agent?.endStatus == 128 + SIGKILL, "\(node.log)")
        #expect(limit.hits > 0 && limit.kills > 0)
        #expect(try pod.passes(.udp, "10.9.0.2", 53) && !pod.passes(.udp, "10.9.0.4", 53))
        try limit.set(nil)
        node.killAgent()
        try node.start()
        #expect(try pod.passes(.udp, "10.9.0.2", 53) && !pod.passes(.udp, "10.9.0.4", 53))
    }
}
