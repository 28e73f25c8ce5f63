import Flows
import FoundationEssentials
import PacketLab
import PolicyModel
import Testing

/// What people see of a node's flows.
@Suite("Flows as they happen", .serialized)
struct ObserveTests {
    /// A pod of a Deployment, a database beside it that it may not reach, and
    /// a server that it may.
    private func scene() throws -> (EnforcedNode, EnforcedPod) {
        let node = try EnforcedNode()
        let web = try node.pod(
            "web-6d4cf56db6-x2x7p", namespace: "shop", labels: "{app: web, pod-template-hash: 6d4cf56db6}", "10.9.0.1",
            "fd09::1")
        try node.write(
            "pod-shop-web-6d4cf56db6-x2x7p.yaml",
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: web-6d4cf56db6-x2x7p
              namespace: shop
              uid: shop-web-6d4cf56db6-x2x7p
              labels: {app: web, pod-template-hash: 6d4cf56db6}
              ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-6d4cf56db6, uid: r, controller: true}]
            spec: {nodeName: node}
            status: {phase: Running, podIPs: [{ip: 10.9.0.1}, {ip: "fd09::1"}]}
            ---

            """)
        try node.write(
            "others.yaml",
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: db-0, namespace: shop, uid: d, labels: {app: db}}
            spec: {nodeName: elsewhere, containers: [{name: db, ports: [{name: sql, containerPort: 5432}]}]}
            status: {phase: Running, podIPs: [{ip: 10.9.0.7}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: cache, namespace: shop}
            spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7], selector: {app: cache}, ports: [{port: 6379}]}
            ---
            apiVersion: v1
            kind: Node
            metadata: {name: elsewhere}
            status: {addresses: [{type: InternalIP, address: 10.9.0.200}]}
            ---

            """)
        try node.policy("web", namespace: "shop", egress: "[\(Manifest.rule("10.9.0.0/30", "fd09::/126"))]")
        try node.start()
        // It enforces before it answers.
        try node.waitUntil("an answer") { try !node.observe([]).contains("no agent answers") }
        return (node, web)
    }

    private func flows(_ node: EnforcedNode, _ words: String...) throws -> [Flow] {
        try node.observe(["-o", "json"] + words).split(separator: "\n").map {
            try JSONDecoder().decode(Flow.self, from: Data($0.utf8))
        }
    }

    /// The flow to an address, once the agent has told of it.
    private func flow(_ node: EnforcedNode, to address: String) throws -> Flow {
        try node.waitFor("a flow to \(address)") { try flows(node, "--last", "1", "--to-ip", address).first }
    }

    @Test("a denied and an allowed connection have every name there is")
    func names() throws {
        let (node, web) = try scene()
        defer { node.close() }
        _ = try node.server("server", "10.9.0.2")
        try web.process.demand(.rename("psql"))

        #expect(try web.tcp(Endpoint("10.9.0.7", 5432)) == .notPermitted)
        let denied = try flow(node, to: "10.9.0.7")
        #expect(denied.verdict == .denied && denied.hook == .connect && denied.node == "node")
        #expect(denied.source.key == NamespacedName("shop", "web-6d4cf56db6-x2x7p"))
        #expect(denied.source.workload == Workload(kind: "Deployment", name: "web"))
        #expect(denied.source.labels["app"] == "web" && denied.source.address == address("10.9.0.1"))
        #expect(denied.destinationKind == .pod && denied.destination.key == NamespacedName("shop", "db-0"))
        #expect(denied.destination.namedPorts == [NamedPort(name: "sql", protocol: .tcp, number: 5432)])
        #expect(denied.transport.protocol == .tcp && denied.transport.destinationPort == 5432)
        #expect(denied.policy == FlowPolicy(kind: "NetworkPolicy", namespace: "shop", name: "web", rule: nil))
        #expect(denied.process == Flow.Process(pid: web.process.pid, name: "psql"))

        #expect(try web.tcp(Endpoint("10.9.0.2", 80)) != .notPermitted)
        let allowed = try flow(node, to: "10.9.0.2")
        #expect(allowed.verdict == .allowed && allowed.destinationKind == .external)
        #expect(allowed.destinationNames == ["10.9.0.0/30"] && allowed.source.address == address("10.9.0.1"))
        #expect(allowed.policy == FlowPolicy(kind: "NetworkPolicy", namespace: "shop", name: "web", rule: 0))
        #expect(allowed.process?.name == "psql")

        for (to, kind, name) in [
            ("10.96.0.7", Flow.Kind.service, "service shop/cache"), ("10.9.0.200", .node, "node elsewhere"),
            ("169.254.169.254", .metadata, "metadata imds"), ("203.0.113.7", .external, "203.0.113.7"),
        ] {
            #expect(try web.tcp(Endpoint(to, 6379)) == .notPermitted)
            let flow = try flow(node, to: to)
            #expect(flow.destinationKind == kind && flow.destinationName == name && flow.verdict == .denied)
            #expect(flow.guarded == (kind == .metadata))
        }
        let graph = try node.tool(["graph", "--socket", node.socket])
        #expect(graph.contains("label=\"Deployment web\"") && graph.contains("metadata imds"))
    }

    @Test("a follower sees what happens, filtered, and top what is counted")
    func following() throws {
        let (node, web) = try scene()
        defer { node.close() }
        let output = "\(node.directory)/followed"
        let follower = try node.lab.launch(
            [
                Executables.path("sluice"), "observe", "-f", "--verdict", "DENIED", "--not", "--to-port", "81",
                "--socket", node.socket,
            ],
            in: node.lab.cgroup("tool"), node.agentNamespace(), output: output)
        defer { follower.kill() }
        func lines() -> [Substring] {
            ((try? String(contentsOfFile: output, encoding: .utf8)) ?? "").split(separator: "\n")
        }
        var port: UInt16 = 100
        try node.waitUntil("the follower's first line") {
            port += 1
            _ = try web.tcp(Endpoint("10.9.0.7", port))
            return !lines().isEmpty
        }
        _ = try web.tcp(Endpoint("10.9.0.2", 82), timeoutMs: 10)
        #expect(try web.tcp(Endpoint("10.9.0.7", 81)) == .notPermitted)
        #expect(try web.tcp(Endpoint("10.9.0.7", 80)) == .notPermitted)
        try node.waitUntil("the last one") { lines().contains { $0.contains("shop/db-0:80 TCP") } }
        #expect(lines().allSatisfy { $0.contains(" DENIED ") && !$0.contains(":81 ") })
        #expect(lines().allSatisfy { $0.contains("shop/web-6d4cf56db6-x2x7p (Deployment web) -> shop/db-0:") })

        // The tool names pods by the agent's snapshot.
        try node.waitUntil("the snapshot") { try node.tool("maps", "pods", "-o", "json").contains("shop/web-6d4cf") }
        node.killAgent()
        #expect(try node.observe([]).contains("no agent answers at \(node.socket)"))
        let top = try node.tool("top", "--once", "-d", "0.1", "--sort", "denied")
        #expect(top.contains("sluiced does not run") && top.contains("shop/web-6d4cf56db6-x2x7p"), "\(top)")
    }

    @Test("garbage on the socket hurts nobody")
    func garbage() throws {
        let (node, web) = try scene()
        defer { node.close() }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let bytes = (0..<Int.random(in: 1...2000)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            try node.write(toSocket: bytes)
        }
        #expect(try web.tcp(Endpoint("10.9.0.7", 5432)) == .notPermitted)
        #expect(try flow(node, to: "10.9.0.7").verdict == .denied)
    }
}
