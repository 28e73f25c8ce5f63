import PacketLab
import Testing

/// What kubectl says is what packets meet.
extension EndToEnd {
    @Suite(.serialized) struct VerdictTests {
        @Test(
            "Policies select by labels of pods and of namespaces, and labels may change",
            arguments: CgroupDriver.allCases)
        func labels(driver: CgroupDriver) throws {
            let scene = try VerdictScene("labels-\(driver)", driver: driver)
            defer { scene.node.close() }
            let other = "\(scene.name)-other"
            try scene.controlPlane.kubectl("apply", text: Manifest.namespace(other, labels: "{team: blue}"))
            let pod = try scene.pod("web", labels: "{app: web}", host: 1, quality: .guaranteed)
            try scene.peer("db", labels: "{app: db}", host: 2)
            try scene.peer("blue", in: other, host: 3)
            try scene.expect(pod, reaches: [scene.endpoint(2), scene.endpoint(3), scene.endpoint(9)])
            try scene.policy(
                selector: "{matchLabels: {app: web}}",
                egress:
                    "[{to: [{podSelector: {matchLabels: {app: db}}}, {namespaceSelector: {matchLabels: {team: blue}}}]}]"
            )
            try scene.expect(pod, reaches: [scene.endpoint(2), scene.endpoint(3)], not: [scene.endpoint(9)])
            try scene.controlPlane.kubectl("label", "namespace", other, "team=red", "--overwrite")
            try scene.expect(pod, reaches: [scene.endpoint(2)], not: [scene.endpoint(3)])
            try scene.controlPlane.kubectl("label", "pod", "db", "-n", scene.name, "app=cache", "--overwrite")
            try scene.expect(pod, not: [scene.endpoint(2), scene.endpoint(3)])
            try scene.controlPlane.kubectl("delete", "networkpolicy", "policy", "-n", scene.name)
            try scene.expect(pod, reaches: [scene.endpoint(2), scene.endpoint(3), scene.endpoint(9)])
        }

        @Test("A ClusterNetworkPolicy of tier Admin is asked before what a namespace says")
        func tiers() throws {
            let scene = try VerdictScene("tiers")
            defer { scene.node.close() }
            let pod = try scene.pod("web", host: 1)
            try scene.policy(egress: "[{}]")
            try scene.expect(pod, reaches: [scene.endpoint(2), scene.endpoint(3)])
            try scene.controlPlane.kubectl(
                "apply",
                text: """
                    apiVersion: policy.networking.k8s.io/v1alpha2
                    kind: ClusterNetworkPolicy
                    metadata: {name: no-database}
                    spec:
                      tier: Admin
                      priority: 10
                      subject: {namespaces: {matchLabels: {scene: \(scene.name)}}}
                      egress:
                        - {name: no, action: Deny, to: [{networks: ["\(scene.address(2))/32"]}]}

                    """)
            try scene.expect(pod, reaches: [scene.endpoint(3)], not: [scene.endpoint(2)])
            try scene.controlPlane.kubectl("delete", "clusternetworkpolicy", "no-database")
            try scene.expect(pod, reaches: [scene.endpoint(2), scene.endpoint(3)])
        }

        @Test("A named port is what the destination pod calls so")
        func namedPorts() throws {
            let scene = try VerdictScene("ports")
            defer { scene.node.close() }
            let pod = try scene.pod("web", host: 1)
            try scene.peer("a", labels: "{app: db}", host: 2, ports: "[{name: sql, containerPort: 5432}]")
            try scene.peer("b", labels: "{app: db}", host: 3, ports: "[{name: sql, containerPort: 6543}]")
            try scene.policy(egress: "[{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: sql}]}]")
            try scene.expect(
                pod, reaches: [scene.endpoint(2, 5432), scene.endpoint(3, 6543)],
                not: [scene.endpoint(2, 6543), scene.endpoint(3, 5432), scene.endpoint(2, 80)])
        }

        @Test("A service's address is open if all of its endpoints are")
        func services() throws {
            let scene = try VerdictScene("services")
            defer { scene.node.close() }
            let pod = try scene.pod("web", host: 1)
            try scene.peer("good", labels: "{app: db}", host: 2)
            try scene.peer("bad", labels: "{app: other}", host: 3)
            let version = try scene.controlPlane.servedVersion(of: "discovery.k8s.io")
            let service = Endpoint("10.96.\(scene.net).1", 443)
            try scene.controlPlane.kubectl(
                "apply",
                text: Manifest.service("db", scene.name, address: "\(service.address)", port: 443, target: 5432)
                    + Manifest.endpointSlice(of: "db", scene.name, version: version, [scene.address(2)], port: 5432))
            try scene.policy(
                egress: "[{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}]")
            try scene.expect(pod, reaches: [service, scene.endpoint(2, 5432)], not: [scene.endpoint(3, 5432)])
            try scene.controlPlane.kubectl(
                "apply",
                text: Manifest.endpointSlice(
                    of: "db", scene.name, version: version, [scene.address(2), scene.address(3)], port: 5432))
            try scene.expect(pod, reaches: [scene.endpoint(2, 5432)], not: [service])
        }

        @Test("The metadata guard holds for pods on the host's network too, and not for those listed")
        func metadataGuard() throws {
            let scene = try VerdictScene("guard")
            defer { scene.node.close() }
            let metadata = Endpoint("169.254.169.254", 80)
            let pod = try scene.pod("web", host: 1)
            try scene.policy(egress: "[{}]")
            try scene.expect(pod, reaches: [scene.endpoint(9)], not: [metadata])

            var onHost = Pod("on-host", in: scene.name, scene.kubelet.address)
            onHost.hostNetwork = true
            let host = try scene.kubelet.run(onHost)
            try scene.node.waitUntil("the guard holds on the host's network") {
                try host.process.run(.tcpConnect(to: metadata, timeoutMs: 300)).result == .notPermitted
            }
            var listed = Pod("guard-listed", in: "kube-system", scene.kubelet.address)
            listed.hostNetwork = true
            let system = try scene.kubelet.run(listed)
            try scene.node.waitUntil("kube-system is let through") {
                try system.process.run(.tcpConnect(to: metadata, timeoutMs: 300)).result != .notPermitted
            }
        }
    }
}

extension ControlPlane {
    /// What the scheduler does.
    func bind(_ pod: Pod, to node: String) throws {
        try kubectl(
            "create", "--raw", "/api/v1/namespaces/\(pod.namespace)/pods/\(pod.name)/binding",
            text: """
                {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "\(pod.name)"},
                 "target": {"kind": "Node", "name": "\(node)"}}
                """)
    }

    /// The version of a group that the server likes best, for instance `v1`.
    func servedVersion(of group: String) throws -> String {
        try kubectl("api-versions").split(separator: "\n").filter { $0.hasPrefix("\(group)/") }
            .map { $0.dropFirst(group.count + 1) }.min { $0.count < $1.count }.map(String.init) ?? ""
    }
}
