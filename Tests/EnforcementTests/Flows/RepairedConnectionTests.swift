import Glibc
import PacketLab
import PolicyModel
import Testing

/// TCP_REPAIR makes a connection without a packet. It needs CAP_NET_ADMIN.
@Suite(.serialized) struct RepairedConnectionTests {
    private func repair(_ on: Bool) -> SocketOption {
        SocketOption(level: Int32(IPPROTO_TCP), name: TCP_REPAIR, on ? 1 : 0)
    }

    /// TCP_REPAIR_WINDOW (29): what a peer has room for, which nobody has told.
    private var window: SocketOption {
        let numbers: [UInt32] = [0, 65_535, 65_535, 65_535, 0]
        return SocketOption(level: Int32(IPPROTO_TCP), name: 29, value: numbers.withUnsafeBytes { Array($0) })
    }

    /// Whether data to a denied peer leaves.
    private func leaves(_ pod: EnforcedPod, from port: UInt16) throws -> Bool {
        let wire = try #require(pod.wire)
        let socket = try pod.process.open(.tcp4)
        try pod.process.demand(.setOption(socket, repair(true)))
        try pod.process.demand(.bind(socket, Endpoint("10.9.0.1", port)))
        try pod.process.demand(.connect(socket, to: Endpoint("10.9.0.4", 80), timeoutMs: 1000))
        try pod.process.demand(.setOption(socket, window))
        _ = try wire.captured()
        try pod.process.demand(.setOption(socket, repair(false)))
        _ = try pod.process.run(.send(socket, bytes: [1], timeoutMs: 100))
        return try wire.captured().contains { $0.sourcePort == port && $0.destination == address("10.9.0.4") }
    }

    @Test("a connection made by TCP_REPAIR passes as inbound where something listens on its port, and there alone")
    func repaired() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        let listener = try pod.process.open(.tcp4)
        try pod.process.demand(.bind(listener, Endpoint("0.0.0.0", 8080)))
        try pod.process.demand(.listen(listener, backlog: 4))
        #expect(try !leaves(pod, from: 8081))
        #expect(try leaves(pod, from: 8080))
    }
}
