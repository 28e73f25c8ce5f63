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

    /// 10.NET.0.0/16 is the scene's.
    private let net: Int
    private let server: Endpoint
    private let open: String
    /// A namespace in which denied calls do not fail at once, so that packets are what is judged.
    let locked: String

    var controlPlane: ControlPlane { node.controlPlane }
    var agent: AgentContainer { node.agent }

    /// - Parameter kustomization: the folder of the one that the agent is installed by.
    init(
        _ cluster: Cluster, _ name: String, net: Int,
        kustomization: String = Repository.path("manifests")
    ) throws {
        self.net = net
        // What it asks for beside the base: a Role of its own.
        try cluster.controlPlane.kubectl("apply", "-k", kustomization)
        server = Endpoint("10.\(net).0.2", 80)
        open = name
        locked = "\(name)-locked"
        node = try ClusterNode(
            cluster, "node-\(name)", kustomization: kustomization,
            settings: "kubernetes: {watchSilenceSeconds: 10}")
        let kubelet = node.kubelet
        try cluster.controlPlane.kubectl(
            "apply",
            text: Manifest.namespace(open)
                + Manifest.namespace(locked, labels: "{sluice.dev/fail-fast: 'false'}"))
        let echo = try kubelet.server("\(name)-server", "\(server.address)")
        try echo.serveEcho(.tcp4, at: server)
        try echo.serveEcho(.udp4, at: server)
        allowed = try kubelet.run(Pod("allowed", in: open, "10.\(net).0.1"))
        denied = try kubelet.run(
            Pod("denied", in: locked, labels: "{may: nothing}", "10.\(net).1.1"), onWire: true)
        revoked = try kubelet.run(
            Pod("revoked", in: locked, labels: "{may: nothing-now}", "10.\(net).0.3"))
        try write(round: 0)
        try node.start()
        try node.settle()
    }

    func close() { node.close() }

    /// Edits that leave the server allowed to one pod, and everything denied to the others.
    func write(round: Int) throws {
        let ports = "[{port: 80}, {port: 80, protocol: UDP}, {port: \(1000 + round)}]"
        let always = Manifest.rule("\(server.address)/32", ports: ports)
        let other = Manifest.rule("10.\(net).\(3 + round % 5).0/24")
        let rules = round % 2 == 0 ? [always, other] : [other, always]
        try controlPlane.kubectl(
            "apply",
            text: Manifest.policy("changing", open, egress: "[\(rules.joined(separator: ", "))]")
                + Manifest.policy(
                    "nothing", locked, selector: "{matchLabels: {may: nothing}}",
                    egress: round % 3 == 0 ? "[]" : "[\(Manifest.rule("10.\(net).9.\(round % 200)/32"))]"))
    }

    /// Runs a test's body while all three kinds of traffic go on, and counts what came out wrong
    /// from before the first fault until the agent has caught up with the last change.
    func underTraffic(_ body: () throws -> Void) throws {
        try allowRevoked(true)
        let old = try RevokedTraffic(revoked.process, to: server)
        try allowRevoked(false)
        try node.waitUntil("revoked connections are cut") { try old.areCut() }
        let before = try node.counters(allowed).denied.packets

        let good = try AllowedTraffic(allowed.process, to: server)
        let bad = try DeniedTraffic(
            denied.process, on: #require(denied.wire), to: Endpoint("10.\(net).0.4", 80).address)
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
                "revoked", locked, selector: "{matchLabels: {may: nothing-now}}",
                egress: allowed ? "[{}]" : "[]"))
        try node.settle()
    }
}
