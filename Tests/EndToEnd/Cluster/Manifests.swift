/// Other objects, as people write them. Parts are YAML in flow style.
enum Manifest {
    static func namespace(_ name: String, labels: String = "{}") -> String {
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: \(name), labels: \(labels)}
        ---

        """
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

    /// A rule that allows blocks, on these ports or on all.
    static func rule(_ blocks: String..., ports: String? = nil) -> String {
        let peers = blocks.map { "{ipBlock: {cidr: '\($0)'}}" }.joined(separator: ", ")
        return "{to: [\(peers)]" + (ports.map { ", ports: \($0)" } ?? "") + "}"
    }

    /// A service without a selector: its endpoints come from a slice made by hand.
    static func service(
        _ name: String, _ namespace: String = "default", address: String, port: UInt16, target: UInt16
    ) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: \(name), namespace: \(namespace)}
        spec: {clusterIP: '\(address)', ports: [{name: main, port: \(port), targetPort: \(target)}]}
        ---

        """
    }

    /// In the version that every server since 1.17 and before 1.25 has.
    static func endpointSlice(
        of service: String, _ namespace: String = "default", version: String, _ addresses: [String],
        port: UInt16
    ) -> String {
        let endpoints = addresses.map { "{addresses: ['\($0)'], conditions: {ready: true}}" }
        return """
            apiVersion: discovery.k8s.io/\(version)
            kind: EndpointSlice
            metadata:
              name: \(service)-1
              namespace: \(namespace)
              labels: {kubernetes.io/service-name: \(service)}
            addressType: IPv4
            ports: [{name: main, port: \(port), protocol: TCP}]
            endpoints: [\(endpoints.joined(separator: ", "))]
            ---

            """
    }
}
