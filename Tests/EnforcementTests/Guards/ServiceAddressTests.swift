import PacketLab
import PolicyModel
import Testing

/// A pod sends to a service's address; translation happens after the verdict.
@Suite(.serialized) struct ServiceAddressTests {
    /// A service without selector at 10.96.0.10, TCP 80, with endpoints at TCP 8080.
    private func service(_ endpoints: [String], target: Int = 8080) -> String {
        let endpoints = endpoints.map { "{addresses: ['\($0)'], conditions: {ready: true}}" }
        return """
            apiVersion: v1
            kind: Service
            metadata: {name: service, namespace: default}
            spec: {clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10], ports: [{port: 80, targetPort: \(target)}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: service-1, namespace: default, labels: {kubernetes.io/service-name: service}}
            addressType: IPv4
            endpoints: [\(endpoints.joined(separator: ", "))]
            ports: [{name: "", port: \(target), protocol: TCP}]
            """
    }

    private func node(_ endpoints: [String], egress: String?, target: Int = 8080) throws -> (EnforcedNode, EnforcedPod)
    {
        let node = try EnforcedNode()
        let pod = try node.wirePod()
        try node.write("service.yaml", service(endpoints, target: target))
        if let egress { try node.policy(egress: egress) }
        try node.start()
        return (node, pod)
    }

    private let some = "[\(Manifest.rule("10.9.0.2/31", ports: "[{port: 8080}]"))]"

    @Test("a service is allowed if every endpoint is") func aServiceIsAllowedIfEveryEndpointIs() throws {
        let (node, pod) = try node(["10.9.0.2", "10.9.0.3"], egress: some)
        defer { node.close() }
        #expect(try pod.passes(.tcp, "10.96.0.10", 80))
        #expect(try !pod.passes(.tcp, "10.96.0.10", 8080))
        #expect(try !pod.passes(.udp, "10.96.0.10", 80))
        #expect(try !pod.passes(.tcp, "10.96.0.11", 80))
    }

    @Test("a service is denied if one endpoint is") func aServiceIsDeniedIfOneEndpointIs() throws {
        let (node, pod) = try node(["10.9.0.2", "10.9.0.4"], egress: some)
        defer { node.close() }
        #expect(try !pod.passes(.tcp, "10.96.0.10", 80))
        // The endpoint goes, and with it the denial.
        try node.write("service.yaml", service(["10.9.0.2"]))
        try node.settle()
        #expect(try pod.passes(.tcp, "10.96.0.10", 80))
    }

    @Test("a service is allowed if its address is") func aServiceIsAllowedIfItsAddressIs() throws {
        let (node, pod) = try node(["10.9.0.4"], egress: "[\(Manifest.rule("10.96.0.0/16"))]")
        defer { node.close() }
        #expect(try pod.passes(.tcp, "10.96.0.10", 80))
        #expect(try !pod.passes(.tcp, "10.9.0.4", 8080))
    }

    @Test("a service is no way round the guard", arguments: [nil, "[{}]", "[{to: [{ipBlock: {cidr: 10.96.0.0/16}}]}]"])
    func aServiceIsNoWayRoundTheGuard(egress: String?) throws {
        let (node, pod) = try node(["10.9.0.2", "169.254.169.254"], egress: egress, target: 80)
        defer { node.close() }
        #expect(try !pod.passes(.tcp, "10.96.0.10", 80))
    }

    @Test("a service of an open guard port is open") func aServiceOfAnOpenGuardPortIsOpen() throws {
        let (node, pod) = try node(["169.254.169.254"], egress: nil, target: 53)
        defer { node.close() }
        #expect(try pod.passes(.tcp, "10.96.0.10", 80))
    }
}
