import Glibc
import KernelDatapath
import PacketLab
import Testing
import VerdictTables

/// One pod's flood beside another pod that answers whom it heard.
@Suite(.serialized) struct FloodTests {
    @Test("D: a pod's flood of tuples, questions and denials costs another pod no answer and no word of its denial")
    func floodBesideAVictim() throws {
        let flood = try Flood()
        defer { flood.close() }
        let figures = try flood.go(rounds: 1)
        print("D: \(figures.text)")
        #expect(figures.answers == 2000 && figures.refused == 0, "\(figures.text)")
        #expect(figures.told.map { $0 < 5 } == true, "\(figures.text)")
        // No pod holds more than its share, however many tuples it made.
        let held = try KernelTables(pins: flood.node.pins).replies()
        let shares = Dictionary(grouping: held, by: \.tuple.pod).mapValues(\.count)
        #expect(figures.tuples > 3 * KernelTables.replyShare, "\(figures.text)")
        #expect(shares.values.max().map { $0 <= KernelTables.replyShare + 2 } == true, "\(shares)")
    }

    @Test("D: a tuple that is seen again and again is not forgotten for the pod's own new ones")
    func tuplesInUseStay() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.pod("pod", "10.9.0.1")
        let peer = try node.server("peer", "10.9.0.2", "10.9.0.3")
        try node.policy(egress: "[\(Manifest.rule("10.9.0.3/32"))]")
        try node.start()
        let server = try pod.process.open(.udp4)
        try pod.process.demand(.bind(server, Endpoint("10.9.0.1", 5353)))
        func client(_ port: UInt16) throws -> SocketID {
            let socket = try peer.open(.udp4)
            try peer.demand(.bind(socket, Endpoint("10.9.0.2", port)))
            return socket
        }
        func ask(_ socket: SocketID) throws {
            try peer.demand(.sendTo(socket, Endpoint("10.9.0.1", 5353), bytes: [1], fastOpen: false))
        }
        func answer(_ port: UInt16) throws -> ErrnoName {
            try pod.process.run(.sendTo(server, Endpoint("10.9.0.2", port), bytes: [2], fastOpen: false)).result
        }
        let (talking, waiting) = try (client(4000), client(4001))
        try ask(talking)
        try ask(waiting)
        let flooding = try pod.process.open(.udp4)
        for round in 0..<6 {
            try ask(talking)
            let first = UInt16(2000 + round * 3000)
            try pod.process.demand(.sendAcross(flooding, Endpoint("10.9.0.3", first), ports: 3000, bytes: [7]))
        }
        #expect(try answer(4000) == .ok, "it was in use")
        #expect(try answer(4001) == .notPermitted, "18,000 of the pod's own came after it")
        try ask(waiting)
        #expect(try answer(4001) == .ok)
        // Nothing stays of a pod that is gone, nor of what is out of date.
        let old = try OldReplies(pins: node.pins)
        let tables = try KernelTables(pins: node.pins)
        #expect(try old.remove(at: KernelClock.now()) == 0)
        #expect(try tables.replies().count > 1000)
        try old.remove(at: KernelClock.now() + 3_600_000_000_000)
        #expect(try tables.replies().isEmpty && tables.replyCells() == 0)
    }
}
