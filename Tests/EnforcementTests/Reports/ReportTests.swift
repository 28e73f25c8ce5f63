import FoundationEssentials
import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// What is counted and what is told.
@Suite(.serialized) struct ReportTests {
    private struct Row: Decodable, Equatable {
        var pod: String
        var allowedPackets: UInt64
        var allowedBytes: UInt64
        var deniedPackets: UInt64
        var auditPackets: UInt64
    }

    private func row(_ node: EnforcedNode) throws -> Row {
        let output = try node.tool("maps", "pods", "-o", "json")
        let rows = try JSONDecoder().decode([Row].self, from: Data(output.utf8))
        return try #require(rows.first { $0.pod == "default/pod" })
    }

    @Test("packets and bytes are counted as sent") func packetsAndBytesAreCountedAsSent() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        // The tool names pods by the agent's snapshot.
        try node.waitUntil("the snapshot") { try node.tool("maps", "pods", "-o", "json").contains("default/pod") }
        let before = try row(node)
        let socket = try pod.process.open(.udp4)
        for size in 1...10 {
            let bytes = [UInt8](repeating: 1, count: size)
            try pod.process.demand(.sendTo(socket, Endpoint("10.9.0.3", 53), bytes: bytes, fastOpen: false))
            _ = try pod.process.run(.sendTo(socket, Endpoint("10.9.0.4", 53), bytes: bytes, fastOpen: false))
        }
        #expect(
            try row(node)
                == Row(
                    pod: "default/pod", allowedPackets: before.allowedPackets + 10,
                    // IPv4 and UDP headers, and 1 to 10 bytes.
                    allowedBytes: before.allowedBytes + 10 * 28 + 55,
                    deniedPackets: before.deniedPackets + 10, auditPackets: before.auditPackets))
    }

    @Test("repeats are counted and not repeated") func repeatsAreCountedAndNotRepeated() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        let socket = try pod.process.open(.udp4)
        var sent = 0
        func lines() -> [Substring] {
            node.log.split(separator: "\n").filter { $0.contains("DENIED default/pod to 10.9.0.4:53 UDP") }
        }
        try node.waitUntil("a second report") {
            sent += 1
            _ = try pod.process.run(.sendTo(socket, Endpoint("10.9.0.4", 53), bytes: [1], fastOpen: false))
            return lines().count > 1
        }
        let told = lines()
        try #require(told.count == 2)
        #expect(!told[0].contains("times"))
        let words = told[1].split(separator: " ")
        let times = try #require(words.firstIndex(of: "times:").flatMap { Int(words[$0 - 1]) })
        #expect(times > 1 && times < sent)
    }

    @Test("the process is named where a call is refused") func theProcessIsNamedWhereACallIsRefused() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        try pod.process.demand(.rename("curl"))
        #expect(try pod.tcp(Endpoint("10.9.0.4", 80)) == .notPermitted)
        _ = try node.awaitLog(
            "DENIED default/pod to 10.9.0.4:80 TCP by curl[\(pod.process.pid)]: isolated by policy default/policy")
        #expect(try pod.udp(Endpoint("fd09::4", 53)) == .notPermitted)
        _ = try node.awaitLog("DENIED default/pod to [fd09::4]:53 UDP by curl[\(pod.process.pid)]")
        #expect(try pod.tcp(Endpoint("169.254.169.254", 80)) == .notPermitted)
        _ = try node.awaitLog("DENIED default/pod to 169.254.169.254:80 TCP by curl[\(pod.process.pid)]")
    }

    @Test("egress names the process by what the connect hook noted")
    func egressNamesTheProcess() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        try pod.process.demand(.rename("curl"))
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
        _ = try node.awaitLog("DENIED default/pod to 10.9.0.4:80 TCP by curl[\(pod.process.pid)]")
    }

    @Test("D: one pod's denials use up the node's events of a second, and none that another is sure of")
    func eachPodsOwnEvents() throws {
        let node = try EnforcedNode("--no-fail-fast", config: "flows: {eventsPerSecond: 5}\n")
        defer { node.close() }
        let loud = try node.wirePod("loud", "10.9.0.1")
        let quiet = try node.wirePod("quiet", "10.9.1.1")
        try node.policy(egress: "[]")
        try node.start()
        let tables = try KernelTables(pins: node.pins)
        let probes = (0..<20_000).map {
            Probe(id: $0, to: address("10.9.0.4"), port: UInt16(1000 + $0), protocol: .udp)
        }
        let shouting = Busy(loud.process, .batch(ProbeBatch(probes, datagrams: .shared)))
        try node.waitUntil("events beyond the budget") { try tables.lostEvents().limited > 0 }
        for port in 1...10 as ClosedRange<UInt16> { #expect(try !quiet.passes(.udp, "10.9.0.4", port)) }
        _ = try shouting.wait()
        #expect(try node.counters(quiet).denied.packets == 10)
        #expect(try node.counters(loud).denied.packets == 20_000)
        try node.waitUntil("each of the quiet pod's denials") {
            node.log.split(separator: "\n").filter { $0.contains("DENIED default/quiet") }.count == 10
        }
    }
}
