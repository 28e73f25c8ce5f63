import PacketLab
import PolicyModel
import Testing

/// A node port's endpoint is chosen behind the node's address, where nobody asks.
@Suite(.serialized) struct NodePortTests {
    @Test("a node port is judged by the node's address, whatever is behind it")
    func nodePorts() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.wirePod("pod", "10.9.0.1")
        try node.write(
            "service.yaml",
            """
            apiVersion: v1
            kind: Node
            metadata: {name: another}
            status: {addresses: [{type: InternalIP, address: 10.9.6.1}, {type: ExternalIP, address: 10.9.6.2}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: behind, namespace: default}
            spec: {type: NodePort, clusterIP: 10.96.0.9, ports: [{name: http, port: 80, nodePort: 30080, targetPort: 80}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: behind-1, namespace: default, labels: {kubernetes.io/service-name: behind}}
            addressType: IPv4
            ports: [{name: http, port: 80, protocol: TCP}]
            endpoints: [{addresses: [10.9.0.4], conditions: {ready: true}}]
            """)
        try node.policy(egress: "[\(Manifest.rule("10.9.6.1/32"))]")
        try node.start()
        #expect(try !pod.passes(.tcp, "10.9.0.4", 80))
        #expect(try !pod.passes(.tcp, "10.96.0.9", 80))
        #expect(try pod.passes(.tcp, "10.9.6.1", 30080))
        #expect(try !pod.passes(.tcp, "10.9.6.2", 30080))
    }
}
