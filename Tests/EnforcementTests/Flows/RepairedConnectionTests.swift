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

    /// Connects without a packet, and tells whether data leaves.
    private func leaves(_ pod: EnforcedPod, by socket: SocketID, to peer: String) throws -> Bool {
        let wire = try #require(pod.wire)
        try pod.process.demand(.connect(socket, to: Endpoint(peer, 80), timeoutMs: 1000))
        try pod.process.demand(.setOption(socket, window))
        _ = try wire.captured()
        try pod.process.demand(.setOption(socket, repair(false)))
        // The first packet of a connection is judged; the others pass quickly, if they may.
        for _ in 1...3 { _ = try pod.process.run(.send(socket, bytes: [1], timeoutMs: 100)) }
        try pod.process.demand(.setOption(socket, repair(true)))
        return try wire.captured().contains { $0.sourcePort == 8080 && $0.destination == address(peer) }
    }

    /// A socket of the pod's in repair mode.
    private func socket(_ pod: EnforcedPod) throws -> SocketID {
        let socket = try pod.process.open(.tcp4)
        try pod.process.demand(.setOption(socket, SocketOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY, 1)))
        try pod.process.demand(.setOption(socket, repair(true)))
        try pod.process.demand(.bind(socket, Endpoint("10.9.0.1", 8080)))
        return socket
    }

    private func listener(_ pod: EnforcedPod) throws -> SocketID {
        let listener = try pod.process.open(.tcp4)
        try pod.process.demand(.bind(listener, Endpoint("0.0.0.0", 8080)))
        try pod.process.demand(.listen(listener, backlog: 4))
        return listener
    }

    @Test("a connection made by TCP_REPAIR is the pod's own, whatever listens on its port")
    func repaired() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        _ = try listener(pod)
        #expect(try !leaves(pod, by: socket(pod), to: "10.9.0.4"))
        #expect(try leaves(pod, by: socket(pod), to: "10.9.0.3"))
    }

    @Test("what a socket was allowed is nothing to the connection that TCP_REPAIR makes of it next")
    func repairedAgain() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        let socket = try socket(pod)
        #expect(try leaves(pod, by: socket, to: "10.9.0.3"))
        try pod.process.demand(.disconnect(socket))
        #expect(try !leaves(pod, by: socket, to: "10.9.0.4"))
    }

    /// Its first packet could be taken for one of a connection that is older than Sluice.
    @Test("a socket without room to be remembered makes none")
    func withoutRoom() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        // Kernels before 6.7 have one limit for all namespaces, which is not the test's to change.
        guard (try? pod.place.set("core/optmem_max", "0")) != nil else {
            return print("net.core.optmem_max is not per namespace here")
        }
        for peer in ["10.9.0.3", "10.9.0.4"] {
            let socket = try socket(pod)
            #expect(
                try pod.process.run(.connect(socket, to: Endpoint(peer, 80), timeoutMs: 1000)).result == .notPermitted)
            try pod.process.demand(.close(socket))
        }
    }
}
