import PacketLab
import PolicyModel
import Testing

/// Traffic that must always pass, and traffic that may never: from new sockets and on old ones, TCP
/// and UDP, from the pod and to it.
final class Probes {
    private let node: EnforcedNode
    private let out: AllowedTraffic
    private let inward: AllowedTraffic
    private let denied: DeniedTraffic
    private let guarded: DeniedTraffic
    private let hostile: HostileTraffic
    private let hostileActs: Repeating
    private let revokedPod: EnforcedPod
    private var revoked: RevokedTraffic?
    /// Of revoked permissions before the current one.
    private var earlier = TrafficCount()
    private var isStopped = false

    init(_ scene: ProbedScene, seed: UInt64) throws {
        node = scene.node
        let hostilePod = try node.wirePod("hostile", namespace: "hostile", "10.9.1.11", "fd09::111")
        try node.policy(
            "hostile", namespace: "hostile", egress: "[\(Manifest.rule("10.9.0.2/32", "fd09::2/128"))]")
        revokedPod = try node.pod("revoked", namespace: "closed", "10.9.0.9")
        try node.policy("closed", namespace: "closed", egress: "[]")
        let unknownWire = try node.lab.wire("wire-unknown")
        try unknownWire.setAddresses([address("10.9.1.7"), address("fd09::17")])
        let unknown = try node.stranger("unknown", on: unknownWire.namespace)
        let client = try node.server("client", "10.9.0.20")
        let inside = Endpoint("10.9.0.1", 8080)
        try scene.allowed.process.serveEcho(.tcp4, at: inside)
        try scene.allowed.process.serveEcho(.udp4, at: inside)
        try node.settle()

        out = try AllowedTraffic(scene.allowed.process, to: Endpoint("10.9.0.2", 80))
        inward = try AllowedTraffic(client, to: inside)
        denied = try DeniedTraffic(
            scene.denied.process, on: #require(scene.denied.wire), to: address("10.9.0.4"), address("fd09::4"))
        guarded = try DeniedTraffic(
            unknown.process, on: unknownWire, to: address("169.254.169.254"), address("fd00:ec2::254"))
        let hostile = try HostileTraffic(
            hostilePod, seed: seed, allowed: [address("10.9.0.2"), address("fd09::2")])
        self.hostile = hostile
        hostileActs = Repeating { try hostile.round(of: 25) }
        try revoke()
    }

    /// Connects a pod that may, and takes the permission away. From then on its sockets are dead.
    func revoke() throws {
        if let count = try revoked?.stop() { earlier.add(count) }
        revoked = nil
        try node.policy("closed", namespace: "closed", egress: "[\(Manifest.rule("10.9.0.2/32"))]")
        try node.settle()
        let traffic = try RevokedTraffic(revokedPod.process, to: Endpoint("10.9.0.2", 80))
        try node.policy("closed", namespace: "closed", egress: "[]")
        try node.settle()
        try node.waitUntil("revoked connections are cut") { try traffic.areCut() }
        traffic.begin()
        revoked = traffic
    }

    /// Runs the body, in which somebody takes the programs off, while nothing is tried that hangs on
    /// them. What the pod may send is tried all the same.
    func withoutPrograms(_ body: () throws -> Void) throws {
        if let count = try revoked?.stop() { earlier.add(count) }
        revoked = nil
        try hostileActs.interrupted {
            defer { try? hostile.forget() }
            try denied.interrupted { try guarded.interrupted { try inward.interrupted(by: body) } }
        }
        try revoke()
    }

    /// By name, so far.
    func counts() throws -> [(String, TrafficCount)] {
        var cut = earlier
        if let count = revoked?.count { cut.add(count) }
        return try [
            ("always, from a pod", out.count), ("always, to a pod", inward.count),
            ("never, what policy denies", denied.look()), ("never, what a guard denies", guarded.look()),
            ("never, what is revoked", cut), ("never, what is hostile", hostileActs.interrupted { hostile.count }),
        ]
    }

    func stop() throws {
        guard !isStopped else { return }
        isStopped = true
        _ = try hostileActs.stop()
        for traffic in [out, inward] { _ = try traffic.stop() }
        for traffic in [denied, guarded] { _ = try traffic.stop() }
        if let count = try revoked?.stop() { earlier.add(count) }
        revoked = nil
    }
}
