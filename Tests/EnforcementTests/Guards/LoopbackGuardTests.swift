import PacketLab
import PolicyModel
import Testing

/// What does not leave the pod passes policy, but not the guards.
@Suite(.serialized) struct LoopbackGuardTests {
    @Test("a guarded address on lo is guarded, another one is the pod's own", arguments: Mode.allCases)
    func guards(mode: Mode) throws {
        let (node, pod) = try mode.scene()
        defer { node.close() }
        try pod.place.configure("addr add 169.254.169.254/32 dev lo", "addr add 10.9.0.4/32 dev lo")
        try pod.process.serveEcho(.tcp4, at: Endpoint("0.0.0.0", 80))
        try pod.process.serveEcho(.udp4, at: Endpoint("0.0.0.0", 80))
        let guarded = Endpoint("169.254.169.254", 80)
        #expect(try pod.tcp(guarded, timeoutMs: 300) == (mode == .failFast ? .notPermitted : .timedOut))
        #expect(try pod.udp(guarded, timeoutMs: 300) == .notPermitted)
        // The connect hook knows it once the agent has looked.
        try node.waitUntil("the address on lo") { try pod.tcp(Endpoint("10.9.0.4", 80)) == .ok }
        #expect(try pod.udp(Endpoint("10.9.0.4", 80)) == .ok)
    }
}
