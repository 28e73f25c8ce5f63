import PolicyModel
import VerdictTables

/// Manifests as people write them. Parts are YAML in flow style: `[{to: [{podSelector: {}}]}]`.
enum Manifest {
    struct Pod {
        var name: String
        var namespace: String
        var labels: String
        var addresses: [String]
        var hostNetwork: Bool
        /// Further fields of `spec`.
        var extra: String
        var node = "node"

        init(
            _ name: String, _ namespace: String = "default", labels: String = "{}",
            _ addresses: [String], hostNetwork: Bool = false, extra: String = ""
        ) {
            self.name = name
            self.namespace = namespace
            self.labels = labels
            self.addresses = addresses
            self.hostNetwork = hostNetwork
            self.extra = extra
        }

        var text: String {
            let addresses = addresses.map { "{ip: '\($0)'}" }.joined(separator: ", ")
            return """
                apiVersion: v1
                kind: Pod
                metadata: {name: \(name), namespace: \(namespace), uid: \(namespace)-\(name), labels: \(labels)}
                spec: {nodeName: \(node), hostNetwork: \(hostNetwork)\(extra.isEmpty ? "" : ", " + extra)}
                status: {phase: Running, podIPs: [\(addresses)]}
                ---

                """
        }
    }

    static func policy(
        _ name: String, _ namespace: String = "default", selector: String = "{}", egress: String
    ) -> String {
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: \(name), namespace: \(namespace)}
        spec: {podSelector: \(selector), policyTypes: [Egress], egress: \(egress)}
        ---

        """
    }

    static func namespace(_ name: String, labels: String) -> String {
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: \(name), labels: \(labels)}
        ---

        """
    }

    /// A rule that allows blocks, on these ports or on all.
    static func rule(_ blocks: String..., ports: String? = nil) -> String {
        let peers = blocks.map { "{ipBlock: {cidr: '\($0)'}}" }.joined(separator: ", ")
        return "{to: [\(peers)]" + (ports.map { ", ports: \($0)" } ?? "") + "}"
    }
}

/// An address block that comes after everything else, so that its arrival can be waited for.
struct Marker {
    var number: UInt32 = 0
    var addressClass: AddressClassID?

    /// 198.18.0.0/15 is for tests (RFC 2544).
    var address: IPAddress { IPAddress(ipv4: 0xc612_0000 + number) }
    /// What addresses are that no marker names: other policies may say something of all.
    static let neverUsed = IPAddress(ipv4: 0xc613_ffff)

    /// A pod of the node that is nowhere, and the policy that selects it.
    var text: String {
        Manifest.Pod("marker", "sluice-marker", labels: "{}", []).text
            + Manifest.policy("marker", "sluice-marker", egress: "[\(Manifest.rule("\(address)/32"))]")
    }
}
