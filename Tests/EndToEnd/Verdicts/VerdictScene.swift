import PacketLab
import PolicyModel
import Testing

/// A node with an agent and namespaces of its own, and questions about what passes.
struct VerdictScene {
    let node: ClusterNode
    /// The namespaces are `NAME`, and `NAME-…`.
    let name: String
    /// 10.THIRD.0.0/16 is the scene's.
    let net: Int

    var kubelet: Kubelet { node.kubelet }
    var controlPlane: ControlPlane { node.controlPlane }

    private static let nets = Counter()

    init(_ name: String, driver: CgroupDriver = .systemd) throws {
        self.name = name
        net = Self.nets.next(from: 30)
        node = try ClusterNode(Cluster.current, "node-\(name)", driver: driver)
        try controlPlane.kubectl("apply", text: Manifest.namespace(name, labels: "{scene: \(name)}"))
        try node.start()
    }

    func close() { node.close() }

    func address(_ host: Int) -> String { "10.\(net).0.\(host)" }
    func endpoint(_ host: Int, _ port: UInt16 = 80) -> Endpoint { Endpoint(address(host), port) }

    /// A pod of this node in the scene's namespace, on a wire.
    func pod(_ podName: String, labels: String = "{}", host: Int, quality: QualityOfService = .burstable)
        throws -> RunningPod
    {
        try kubelet.run(Pod(podName, in: name, labels: labels, address(host)), quality, onWire: true)
    }

    /// A pod of another node, of which there is but the object.
    func peer(
        _ podName: String, in space: String? = nil, labels: String = "{}", host: Int, ports: String = "[]"
    ) throws {
        var pod = Pod(podName, in: space ?? name, labels: labels, address(host))
        pod.node = "elsewhere"
        pod.ports = ports
        _ = try kubelet.create(pod)
        try kubelet.report(pod, "Running")
    }

    func policy(_ policyName: String = "policy", selector: String = "{}", egress: String) throws {
        try controlPlane.kubectl(
            "apply", text: Manifest.policy(policyName, name, selector: selector, egress: egress))
    }

    /// Waits until the agent agrees, and then asks the packets.
    func expect(
        _ pod: RunningPod, reaches allowed: [Endpoint] = [], not denied: [Endpoint] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let probes = (allowed + denied).enumerated().map {
            Probe(id: $0, to: $1.address, port: $1.port, protocol: .tcp)
        }
        let wanted = allowed.map { _ in true } + denied.map { _ in false }
        let wire = try #require(pod.wire)
        var passed: [Bool] = []
        do {
            try node.waitUntil("verdicts are as they must be", seconds: 10) {
                passed = try wire.probe(pod.process, probes).outcomes.map(\.passed)
                return passed == wanted
            }
        } catch {
            let wrong = zip(allowed + denied, passed).enumerated().filter { wanted[$0] != $1.1 }
            Issue.record("\(wrong.map(\.element)): \(error)", sourceLocation: sourceLocation)
        }
    }
}
