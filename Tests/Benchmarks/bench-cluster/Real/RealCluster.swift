import BenchmarkSupport
import Glibc
import KernelDatapath
import KubernetesClient
import PacketLab
import VerdictTables

/// Times changes made through a real API server: from its answer to the kernel's maps.
struct RealCluster {
    private let client: APIClient
    private let lab: Lab
    private let changes: Int

    private static let namespace = "sluice-benchmark"
    private static let namespaces = "/api/v1/namespaces"
    private static var pods: String { "\(namespaces)/\(namespace)/pods" }
    private static var policies: String {
        "/apis/networking.k8s.io/v1/namespaces/\(namespace)/networkpolicies"
    }

    init(_ lab: Lab, changes: Int) throws {
        self.lab = lab
        self.changes = changes
        client = try APIClient(Kubeconfig.load().configuration())
    }

    func run() async throws -> RealClusterReport {
        _ = try await send(.post, Self.namespaces, "{\"metadata\":{\"name\":\"\(Self.namespace)\"}}")
        let uid = try await makePod("local")
        _ = try lab.cgroup("kubepods/burstable/pod\(uid)")
        _ = try await send(.post, Self.policies, policy(port: 1))
        let agent = try MeasuredAgent(lab, kubeconfig: nil)
        try wait(60, "the first sync", agent) { agent.log.contains(" enforcing ") }
        let tables = try KernelTables(pins: agent.pins)

        var times: [Double] = []
        _ = try await makePod("peer")
        for index in 0..<changes {
            let address = "10.77.\(index / 250).\(index % 250 + 1)"
            times.append(
                try await time(tables, agent) {
                    _ = try await patch("\(Self.pods)/peer/status", status(address))
                })
        }
        let podTimes = ClusterReport.Change("address of a pod", milliseconds: times)
        times = []
        for index in 0..<changes {
            times.append(
                try await time(tables, agent) {
                    _ = try await patch("\(Self.policies)/out", policy(port: index + 2))
                })
        }
        let policyTimes = ClusterReport.Change("policy of a pod here", milliseconds: times)
        return RealClusterReport(changes: [podTimes, policyTimes])
    }

    /// Milliseconds from the API's answer until the tables' next generation; 0 if the
    /// agent was faster than the answer.
    private func time(
        _ tables: KernelTables, _ agent: MeasuredAgent, _ change: () async throws -> Void
    ) async throws -> Double {
        try settle(tables)
        let before = try tables.config()?.generation
        try await change()
        let begun = secondsNow()
        if try tables.config()?.generation != before { return 0 }
        while try tables.config()?.generation == before {
            usleep(20)
            guard secondsNow() < begun + 30 else {
                throw BenchmarkError("a change never arrived:\n\(agent.log.suffix(2000))")
            }
        }
        return (secondsNow() - begun) * 1000
    }

    // MARK: Objects

    private func makePod(_ name: String) async throws -> String {
        let answer = try await send(
            .post, Self.pods,
            """
            {"metadata":{"name":"\(name)","labels":{"app":"\(name)"}},"spec":{"nodeName":"\(RecordedCluster.node)",\
            "containers":[{"name":"main","image":"none"}]}}
            """)
        let text = String(decoding: answer, as: UTF8.self)
        guard let start = text.firstRange(of: "\"uid\":\"")?.upperBound else { throw BenchmarkError("no uid: \(text)") }
        return String(text[start...].prefix { $0 != "\"" })
    }

    private func status(_ address: String) -> String {
        "{\"status\":{\"phase\":\"Running\",\"podIP\":\"\(address)\",\"podIPs\":[{\"ip\":\"\(address)\"}]}}"
    }

    private func policy(port: Int) -> String {
        """
        {"metadata":{"name":"out"},"spec":{"podSelector":{"matchLabels":{"app":"local"}},"policyTypes":["Egress"],\
        "egress":[{"to":[{"podSelector":{"matchLabels":{"app":"peer"}}}],"ports":[{"protocol":"TCP","port":\(port)}]}]}}
        """
    }

    private func patch(_ path: String, _ body: String) async throws -> [UInt8] {
        try await send(.patch, path, body, type: "application/merge-patch+json")
    }

    private func send(
        _ method: APIRequest.Method, _ path: String, _ body: String, type: String = "application/json"
    ) async throws -> [UInt8] {
        let body = APIRequest.Body(Array(body.utf8), contentType: type)
        return try await client.send(APIRequest(method, path, body: body)).bytes()
    }
}

struct RealClusterReport: Encodable {
    var machine = Machine.processors
    var kernel = Machine.kernel
    var changes: [ClusterReport.Change]

    var table: String {
        var table = MarkdownTable(["From the API server's answer to the kernel's maps, ms", "p50", "p99", "changes"])
        for change in changes {
            table.add([change.name, fixed(change.p50, 2), fixed(change.p99, 2), "\(change.count)"])
        }
        return "\(machine), \(kernel)\n\n\(table.plain)"
    }
}
