import FoundationEssentials
import Glibc
import PacketLab
import PolicyModel
import TestHarness
import Testing

/// From real packets to policies, and the policies in force.
@Suite("Policies learned from real packets", .serialized)
struct LearnTests {
    /// Pods of a shop: web talks to the database by its service, to api by name of its port,
    /// to DNS, and to one server outside.
    private final class Shop {
        let node: EnforcedNode
        let web: EnforcedPod
        let api: EnforcedPod
        let database: EnforcedPod
        let other: EnforcedPod
        let dns: EnforcedPod

        init() throws {
            node = try EnforcedNode(config: "flows: {repeatSeconds: 1}")
            web = try node.pod(
                "web-6d4c-1", namespace: "shop", labels: "{app: web, pod-template-hash: 6d4c}", "10.9.0.1")
            api = try node.pod(
                "api-1", namespace: "shop", labels: "{app: api}", "10.9.0.2",
                extra: "containers: [{name: api, ports: [{name: http, containerPort: 8080}]}]")
            other = try node.pod("other", namespace: "shop", labels: "{app: other}", "10.9.0.4")
            dns = try node.pod("coredns-1", namespace: "kube-system", labels: "{k8s-app: kube-dns}", "10.9.0.53")
            // Who translates service addresses is the database's own host here.
            database = try node.stranger(
                "db-0", namespace: "shop", on: node.network().host("db-0", "10.9.0.3", "10.96.0.10"))
            database.manifest = Manifest.Pod("db-0", "shop", labels: "{app: db}", ["10.9.0.3"])
            try node.introduce(database)
            try node.write(
                "service.yaml",
                """
                apiVersion: v1
                kind: Service
                metadata: {name: db, namespace: shop}
                spec: {clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10], selector: {app: db}, ports: [{port: 5432}]}
                """)
            let outside = try node.server("outside", "198.51.100.7")
            try outside.serveEcho(.tcp4, at: Endpoint("0.0.0.0", 443))
            for pod in [api, database, other] {
                for port: UInt16 in [80, 5432, 8080] { try pod.process.serveEcho(.tcp4, at: Endpoint("0.0.0.0", port)) }
            }
            try dns.process.serveEcho(.udp4, at: Endpoint("0.0.0.0", 53))
        }

        static let traffic = [
            Endpoint("10.96.0.10", 5432), Endpoint("10.9.0.2", 8080), Endpoint("198.51.100.7", 443),
        ]

        func talk() throws {
            for to in Self.traffic { #expect(try web.tcp(to) == .ok, "\(to)") }
            #expect(try web.udp(Endpoint("10.9.0.53", 53)) == .ok)
        }

        /// Ends the agent as systemd and kubelet do, which has it write what it recorded.
        func stopAgent() throws {
            let agent = try #require(node.agent)
            agent.terminate()
            try blockUntil("the agent has ended", describing: { node.log }) { agent.hasEnded }
        }

        /// Runs `sluice learn` on what this node's agent recorded.
        func learn(_ words: String...) throws -> String {
            let output = "\(node.directory)/learn-output"
            try "".write(toFile: output, atomically: false, encoding: .utf8)
            let program = try node.lab.launch(
                [Executables.path("sluice"), "learn", "--state-dir", "\(node.directory)/state"] + words,
                in: node.lab.cgroup("tool"), node.agentNamespace(), output: output)
            try blockUntil("learn has ended") { program.hasEnded }
            return try String(contentsOfFile: output, encoding: .utf8)
        }
    }

    @Test("what pods did through a restart of the agent is learned; it goes on passing, and other traffic does not")
    func learned() throws {
        let shop = try Shop()
        let node = shop.node
        defer { node.close() }
        try node.start()
        try shop.talk()
        #expect(try shop.web.tcp(Endpoint("169.254.169.254", 80)) == .notPermitted)
        try shop.stopAgent()
        // While no agent runs nobody records, but the records are there.
        #expect(try shop.learn().contains("sluiced does not run"))
        try node.start()
        try shop.talk()
        // A flow that comes again within the second is told of when it comes once more.
        usleep(1_100_000)
        try shop.talk()
        // What other pods say is nothing to web.
        #expect(try shop.other.tcp(Endpoint("10.9.0.3", 80)) == .ok)
        try shop.stopAgent()

        let said = try shop.learn("-n", "shop")
        for part in [
            "app: web", "port: http  # 8080", "app: db", "behind service shop/db, port 5432", "k8s-app: kube-dns",
            "198.51.100.7/32", "metadata imds 80/TCP: guarded",
        ] {
            #expect(said.contains(part), "\(part) in \(said)")
        }
        #expect(!said.contains("port 5432: seen once"), "the counts of both agents add up: \(said)")
        #expect(!said.contains("6d4c\n") && !said.contains("10.96.0.10/32"), "\(said)")

        _ = try shop.learn("-n", "shop", "--output", "\(node.directory)/source")
        try node.start()
        try shop.talk()
        for to in [
            Endpoint("10.9.0.4", 5432), Endpoint("10.9.0.2", 80), Endpoint("10.9.0.3", 8080),
            Endpoint("198.51.100.7", 80),
            Endpoint("198.51.100.8", 443),
        ] {
            #expect(try shop.web.tcp(to) == .notPermitted, "\(to)")
        }
        #expect(try shop.other.tcp(Endpoint("10.9.0.3", 80)) == .ok)
        let stranger = try shop.other.tcp(Endpoint("10.9.0.3", 5432))
        let explained = try node.tool("explain", "shop/other", "--to", "10.9.0.3:5432")
        #expect(stranger != .ok && explained.contains("DENY"), "\(stranger): \(explained)")
        try shop.stopAgent()

        let policy = "\(node.directory)/source/shop.web-egress.yaml"
        let verified = try shop.learn("-n", "shop", "--workload", "none", "--verify", policy)
        #expect(verified.contains("Flows that passed and would be denied:\nnone"), "\(verified)")
    }
}
