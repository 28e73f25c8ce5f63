import PacketLab
import Testing

/// A lab with a control plane in it and what manifests/ says at its server.
final class Cluster: Sendable {
    // Tests run one after the other.
    nonisolated(unsafe) let lab: Lab
    nonisolated(unsafe) let network: Network
    nonisolated(unsafe) let controlPlane: ControlPlane
    private let nodes = Counter()

    @TaskLocal static var shared: Cluster?

    static var current: Cluster { get throws { try #require(shared) } }

    init() throws {
        lab = try Lab()
        network = try lab.network("cluster")
        controlPlane = try ControlPlane(lab, network)
        try controlPlane.define(Definition.policies)
        try controlPlane.kubectl("apply", "-k", Repository.path("manifests"))
    }

    /// Another one each time.
    func newNodeAddress() -> String {
        "192.0.2.\(nodes.next(from: 100))"
    }

    func close() {
        controlPlane.connections.close()
        lab.close()
    }
}
