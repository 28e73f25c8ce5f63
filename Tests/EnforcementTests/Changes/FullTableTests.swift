import KernelDatapath
import PacketLab
import PolicyModel
import Testing
import VerdictTables

/// Tables that have no room left.
@Suite(.serialized) struct FullTableTests {
    @Test("a pod that finds no room is judged as one that is not known", arguments: ["guards", "hold"])
    func pods(posture: String) throws {
        let node = try EnforcedNode("--no-fail-fast", "--startup-posture", posture)
        defer { node.close() }
        _ = try DatapathObject(pins: node.pins, capacities: [.pods: 2])
        let first = try node.wirePod("first", "10.9.0.1")
        try node.policy(egress: Scene.egress)
        // The marker has no cgroup: one more has room.
        try node.start()
        let second = try node.wirePod("second", "10.9.1.1")
        try node.settle()
        let third = try node.wirePod("third", "10.9.2.1")
        _ = try node.awaitLog("tables: the old verdicts stay in force", "map pods")
        #expect(try third.passes(.tcp, "10.9.0.4", 80) == (posture == "guards"))
        #expect(try !third.passes(.tcp, "169.254.169.254", 80))
        for pod in [first, second] {
            #expect(try pod.passes(.tcp, "10.9.0.2", 80))
            #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
        }
    }

    @Test("a request that is forgotten for others' gets no reply; a conversation under way goes on")
    func replies() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        _ = try DatapathObject(pins: node.pins, capacities: [.replies: 128])
        let pod = try node.pod("pod", "10.9.0.1")
        let peer = try node.server("peer", "10.9.0.2")
        try node.policy(egress: "[]")
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
        func hear(_ port: UInt16) throws {
            try node.waitUntil("the request from \(port)") {
                try pod.process.run(.receive(server, timeoutMs: 1000)).peer == Endpoint("10.9.0.2", port)
            }
        }
        func answer(_ port: UInt16) throws -> ErrnoName {
            try pod.process.run(.sendTo(server, Endpoint("10.9.0.2", port), bytes: [2], fastOpen: false)).result
        }
        let (talking, waiting) = try (client(4000), client(4001))
        for _ in 0..<3 {
            try ask(talking)
            try hear(4000)
            #expect(try answer(4000) == .ok)
        }
        try ask(waiting)
        try hear(4001)
        // Others ask, from a port each.
        for port in 5000..<6000 as Range<UInt16> {
            let other = try client(port)
            try ask(other)
            try hear(port)
            try peer.demand(.close(other))
        }
        #expect(try answer(4001) == .notPermitted)
        #expect(try answer(4000) == .ok)
        try ask(waiting)
        try hear(4001)
        #expect(try answer(4001) == .ok)
    }
}
