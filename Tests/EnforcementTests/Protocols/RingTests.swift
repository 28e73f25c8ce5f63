import PacketLab
import PolicyModel
import Testing

/// What a process has the kernel do by io_uring(7) is done by the process's sockets.
@Suite(.serialized) struct RingTests {
    @Test("connections and datagrams by a ring are judged", arguments: Mode.allCases, RingWorker.allCases)
    func rings(mode: Mode, worker: RingWorker) throws {
        let (node, pod) = try mode.scene()
        defer { node.close() }
        let wire = try #require(pod.wire)
        let denied: ErrnoName = mode == .failFast ? .notPermitted : .inProgress
        for (to, port, expected) in [("10.9.0.2", UInt16(80), ErrnoName.inProgress), ("10.9.0.4", 80, denied)] {
            let stream = try pod.process.open(.tcp4)
            #expect(try pod.process.run(.connectByRing(stream, to: Endpoint(to, port), worker)).result == expected)
            let datagrams = try pod.process.open(.udp4)
            let sent = try pod.process.run(.sendByRing(datagrams, to: Endpoint(to, 53), bytes: [1], worker))
            #expect(sent.result == (to == "10.9.0.2" ? .ok : .notPermitted))
        }
        #expect(Set(try wire.captured().map(\.destination)) == [address("10.9.0.2")])
    }
}
