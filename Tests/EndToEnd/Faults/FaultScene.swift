import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// A node with an agent, a pod of each kind of traffic, and policies that change without touching
/// what the traffic relies on.
final class FaultScene: Scene {
    let node: ClusterNode
    let allowed: RunningPod
    let denied: RunningPod
    let revoked: RunningPod

    private static let server = Endpoint("10.20.0.2", 80)
    private static let forbidden = Endpoint("10.20.0.4", 80)
    static let open = "faults"
    /// Denied calls do not fail at once there, so that packets are what is judged.
    static let locked = "faults-locked"

    var controlPlane: ControlPlane { node.controlPlane }
    var agent: AgentContainer { node.agent }

    init(_ cluster: Cluster) throws {
        node = try ClusterNode(
            cluster, "node-faults", settings: "kubernetes: {watchSilenceSeconds: 10}")
        let kubelet = node.kubelet
        try cluster.controlPlane.kubectl(
            "apply",
            text: Manifest.namespace(Self.open)
                + Manifest.namespace(Self.locked, labels: "{sluice.dev/fail-fast: 'false'}"))
        let server = try kubelet.server("faults-server", "10.20.0.2")
        try server.serveEcho(.tcp4, at: Self.server)
        try server.serveEcho(.udp4, at: Self.server)
        allowed = try kubelet.run(Pod("allowed", in: Self.open, "10.20.0.1"))
        denied = try kubelet.run(
            Pod("denied", in: Self.locked, labels: "{may: nothing}", "10.20.1.1"), onWire: true)
        revoked = try kubelet.run(
            Pod("revoked", in: Self.locked, labels: "{may: nothing-now}", "10.20.0.3"))
        try write(round: 0)
        try node.start()
        try node.settle()
    }

    func close() { node.close() }

    /// Edits that leave the server allowed to one pod, and everything denied to the others.
    func write(round: Int) throws {
        let ports = "[{port: 80}, {port: 80, protocol: UDP}, {port: \(1000 + round)}]"
        let always = Manifest.rule("10.20.0.2/32", ports: ports)
        let other = Manifest.rule("10.20.\(3 + round % 5).0/24")
        let rules = round % 2 == 0 ? [always, other] : [other, always]
        try controlPlane.kubectl(
            "apply",
            text: Manifest.policy("changing", Self.open, egress: "[\(rules.joined(separator: ", "))]")
                + Manifest.policy(
                    "nothing", Self.locked, selector: "{matchLabels: {may: nothing}}",
                    egress: round % 3 == 0 ? "[]" : "[\(Manifest.rule("10.20.9.\(round % 200)/32"))]"))
    }

    /// Runs a test's body while all three kinds of traffic go on, and counts what came out wrong
    /// from before the first fault until the agent has caught up with the last change.
    func underTraffic(_ body: () throws -> Void) throws {
        try allowRevoked(true)
        let old = try RevokedTraffic(revoked.process, to: Self.server)
        try allowRevoked(false)
        try node.waitUntil("revoked connections are cut") { try old.areCut() }
        let before = try node.counters(allowed).denied.packets

        let good = try AllowedTraffic(allowed.process, to: Self.server)
        let bad = try DeniedTraffic(
            denied.process, on: #require(denied.wire), to: Self.forbidden.address)
        old.begin()
        let outcome = Result { try body() }
        try node.settle()
        let counts = try [("allowed", good.stop()), ("denied", bad.stop()), ("revoked", old.stop())]
        try outcome.get()
        for (kind, count) in counts {
            print("end-to-end: \(kind): \(count.tries) tries, \(count.wrong) wrong")
            #expect(count.wrong == 0, "\(kind) traffic: \(count)")
            #expect(count.tries > 10, "\(kind) traffic: \(count)")
        }
        #expect(
            try node.counters(allowed).denied.packets == before,
            "an allowed packet was dropped and sent again")
        try node.awaitWell()
    }

    private func allowRevoked(_ allowed: Bool) throws {
        try controlPlane.kubectl(
            "apply",
            text: Manifest.policy(
                "revoked", Self.locked, selector: "{matchLabels: {may: nothing-now}}",
                egress: allowed ? "[{}]" : "[]"))
        try node.settle()
    }
}
