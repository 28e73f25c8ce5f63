import PacketLab
import PolicyModel

/// Addresses that most tests use, and the policy that says what they are.
enum Scene {
    /// TCP 80, UDP 53 and SCTP 5000 are allowed.
    static let ports = ["10.9.0.2", "fd09::2"]
    /// Everything is allowed.
    static let open = ["10.9.0.3", "fd09::3"]
    /// Nothing is allowed.
    static let denied = ["10.9.0.4", "fd09::4"]

    static let somePorts =
        "[{port: 80}, {port: 53, protocol: UDP}, {port: 5000, protocol: SCTP}]"

    static let egress = """
        [\(Manifest.rule("10.9.0.2/32", "fd09::2/128", ports: somePorts)),
         \(Manifest.rule("10.9.0.3/32", "fd09::3/128"))]
        """

    /// A pod of this policy on a wire of its own, enforced.
    static func onWire(_ options: String...) throws -> (EnforcedNode, EnforcedPod) {
        let node = try options.isEmpty ? EnforcedNode() : EnforcedNode("--no-fail-fast")
        let pod = try node.wirePod()
        try node.policy(egress: egress)
        try node.start()
        return (node, pod)
    }
}

/// Whether denied calls fail at once.
enum Mode: CaseIterable {
    case failFast, egressAlone

    func scene() throws -> (EnforcedNode, EnforcedPod) {
        self == .failFast ? try Scene.onWire() : try Scene.onWire("--no-fail-fast")
    }
}
