import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// A pod that never stops trying what is never allowed, and one whose allowed traffic never
/// stops, while a test changes things.
final class Prober {
    private let node: EnforcedNode
    private let allowed: EnforcedPod
    private let trying: DeniedTraffic
    private let talking: AllowedTraffic

    /// Egress of both pods must always allow 10.9.0.2:80 and never 10.9.0.4; to be made when the
    /// agent enforces that.
    init(_ scene: ProbedScene) throws {
        node = scene.node
        allowed = scene.allowed
        talking = try AllowedTraffic(scene.allowed.process, to: Endpoint("10.9.0.2", 80))
        let wire = try #require(scene.denied.wire)
        trying = try DeniedTraffic(scene.denied.process, on: wire, to: address("10.9.0.4"))
    }

    /// Ends both, and checks them: not one forbidden packet left, and not one allowed was dropped.
    func check() throws {
        let tries = try trying.stop()
        let talks = try talking.stop()
        #expect(tries.tries > 10)
        #expect(talks.tries > AllowedTraffic.connections)
        #expect(tries.wrong == 0, "\(tries)")
        #expect(talks.wrong == 0, "\(talks)")
        #expect(try node.counters(allowed).denied.packets == 0)
    }
}

/// The two pods of a ``Prober`` and the server, under one policy that changes.
struct ProbedScene {
    let node: EnforcedNode
    let denied: EnforcedPod
    let allowed: EnforcedPod
    let server: PodProcess

    /// - Parameter prepare: what is done before the agent starts.
    init(_ options: String..., prepare: (EnforcedNode) throws -> Void = { _ in }) throws {
        node = try EnforcedNode(options: options.isEmpty ? ["--no-fail-fast"] : options)
        denied = try node.wirePod("denied", "10.9.1.1")
        allowed = try node.pod("allowed", "10.9.0.1")
        server = try node.server("server", "10.9.0.2")
        try server.serveEcho(.tcp4, at: Endpoint("10.9.0.2", 80))
        try server.serveEcho(.udp4, at: Endpoint("10.9.0.2", 80))
        try write(round: 0)
        try prepare(node)
        try node.start()
    }

    /// What changes: the ports and blocks of a rule, whether there is a second policy, and whether
    /// the rule that stays is written with others or alone.
    func write(round: Int) throws {
        let always = Manifest.rule("10.9.0.2/32", ports: "[{port: 80}, {port: 80, protocol: UDP}]")
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
