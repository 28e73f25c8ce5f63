import KernelDatapath
import PacketLab
import Testing

/// The startup posture `hold`, which nobody passes who is not known: not the agent either, whose
/// own packets to the API server are judged like any pod's.
extension EndToEnd {
    @Suite(
        .serialized,
        .oneScene {
            try FaultScene(
                Cluster.current, "hold", net: 23,
                kustomization: Repository.path("manifests/overlays/hold"))
        })
    struct HoldTests {
        let scene: FaultScene
        var node: ClusterNode { scene.node }

        private static let server = Endpoint(ControlPlane.serviceAddress, 443)

        init() throws { scene = try OneScene.current() }

        @Test("A pod on the host's network that is not known does not reach the API server")
        func held() throws {
            var pod = Pod("stranger", node.kubelet.address)
            pod.hostNetwork = true
            var elsewhere = pod
            elsewhere.node = "''"
            let uid = try node.kubelet.create(elsewhere)
            let running = try node.kubelet.start(pod, uid: uid)
            let connect = Request.tcpConnect(to: Self.server, timeoutMs: 500)
            try node.settle()
            #expect(try running.process.run(connect).result == .timedOut)
            try scene.controlPlane.bind(pod, to: node.kubelet.nodeName)
            try node.waitUntil("it is let out") { try running.process.run(connect).result == .ok }
            try node.kubelet.end(running)
        }

        @Test("An agent in a new pod lets itself out, and the other pods keep their verdicts")
        func replaced() throws {
            try scene.underTraffic {
                for round in 1...3 {
                    let before = try #require(scene.agent.own)
                    try scene.agent.start()
                    try node.awaitReady()
                    try scene.write(round: round)
                    try node.settle()
                    let now = try #require(scene.agent.own)
                    #expect(now.cgroup.id != before.cgroup.id && now.pod.name != before.pod.name)
                    #expect(try node.counters(of: now.cgroup).allowed.packets > 0)
                }
            }
        }
    }
}
