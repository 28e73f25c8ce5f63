import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// A pod that never stops trying what is never allowed, and one whose allowed connections never
/// stop, while a test changes things.
final class Prober {
    private let denied: EnforcedPod
    private let allowed: EnforcedPod
    private let node: EnforcedNode
    private let trying: Repeating
    private let talking: Repeating
    static let connections = 50

    /// Egress of both pods must always allow 10.9.0.2:80 and never 10.9.0.4; to be made when the
    /// agent enforces that.
    init(_ node: EnforcedNode, denied: EnforcedPod, allowed: EnforcedPod, server: PodProcess) throws {
        self.node = node
        self.denied = denied
        self.allowed = allowed
        var sockets: [SocketID] = []
        for _ in 0..<Self.connections {
            let (socket, response) = try allowed.process.connect(to: Endpoint("10.9.0.2", 80))
            try #require(response.result == .ok)
            sockets.append(socket)
        }
        let probes = (0..<40).map {
            Probe(id: $0, to: address("10.9.0.4"), port: UInt16(78 + $0 % 5), protocol: $0 % 2 == 0 ? .tcp : .udp)
        }
        let process = denied.process
        trying = Repeating { _ = try process.run(.batch(ProbeBatch(probes, datagrams: .shared))) }
        let talker = allowed.process
        var turn = 0
        talking = Repeating {
            turn += 1
            let result = try talker.roundTrip(sockets[turn % sockets.count], timeoutMs: 5000)
            guard result == .ok else { throw LabError("a long-lived connection", result.rawValue) }
        }
    }

    /// Ends both, and checks them: not one forbidden packet left, and not one allowed was dropped.
    func check() throws {
        let tries = try trying.stop()
        let talks = try talking.stop()
        #expect(tries > 10)
        #expect(talks > Self.connections)
        let seen = try #require(try denied.wire?.captured())
        #expect(seen.isEmpty, "\(seen.prefix(3)) of \(seen.count)")
        #expect(try node.counters(allowed).denied.packets == 0)
    }
}

/// The two pods of a ``Prober`` and the server, under one policy that changes.
struct ProbedScene {
    let node: EnforcedNode
    let denied: EnforcedPod
    let allowed: EnforcedPod
    let server: PodProcess

    init() throws {
        node = try EnforcedNode("--no-fail-fast")
        denied = try node.wirePod("denied", "10.9.1.1")
        allowed = try node.pod("allowed", "10.9.0.1")
        server = try node.server("server", "10.9.0.2")
        try server.serveEcho(.tcp4, at: Endpoint("10.9.0.2", 80))
        try write(round: 0)
        try node.start()
    }

    /// What changes: the ports and blocks of a rule, whether there is a second policy, and whether
    /// the rule that stays is written with others or alone.
    func write(round: Int) throws {
        let always = Manifest.rule("10.9.0.2/32", ports: "[{port: 80}]")
        let first = Manifest.rule("10.9.3.\(round % 7)/32", ports: "[{port: \(1000 + round)}]")
        let second = Manifest.rule("10.9.\(round % 3 == 0 ? 4 : 5).0/24", "10.9.0.\(round % 2 * 5)/32")
        let rules = [[always, first], [first, always, second], [second, first, always], [always]][round % 4]
        try node.policy(egress: "[\(rules.joined(separator: ", "))]")
        if round % 5 == 0 {
            try node.policy("second", egress: "[\(Manifest.rule("10.9.0.0/30", ports: "[{port: \(round + 1)}]"))]")
        } else if round % 5 == 3 {
            try node.policy("second", egress: "[]")
        }
    }
}
