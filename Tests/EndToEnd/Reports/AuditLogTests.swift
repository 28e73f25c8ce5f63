import FoundationEssentials
import PacketLab
import PolicyModel
import Testing

/// What the audit log says of who changed what.
extension EndToEnd {
    @Suite(.serialized) struct AuditLogTests {
        private struct Record: Decodable {
            struct Change: Decodable {
                struct Writer: Decodable {
                    var resourceVersion: String
                    var manager: String
                }
                var action: String
                var kind: String
                var namespace: String
                var name: String
                var by: Writer?
                var entries: Int
            }
            struct Pod: Decodable {
                var action: String
                var name: String?
            }
            struct Flow: Decodable { var verdict: String }

            var type: String
            var change: Change?
            var pod: Pod?
            var flow: Flow?
        }

        @Test("Denials, pods, and who wrote which policy are on the record")
        func record() throws {
            let cluster = try Cluster.current
            let node = try ClusterNode(
                cluster, "node-audited", settings: "auditLog: {path: /var/lib/sluice/audit.log}")
            defer { node.close() }
            let space = "audited"
            try node.controlPlane.kubectl("apply", text: Manifest.namespace(space))
            try node.start()
            func records() throws -> [Record] {
                guard
                    let text = try? String(contentsOfFile: "\(node.agent.directory)/records/audit.log", encoding: .utf8)
                else { return [] }
                return try text.split(separator: "\n").map {
                    try JSONDecoder().decode(Record.self, from: Data($0.utf8))
                }
            }
            let pod = try node.kubelet.run(Pod("web", in: space, labels: "{}", "10.29.0.1"), .burstable, onWire: true)
            try node.controlPlane.kubectl("apply", text: Manifest.policy("deny-all", space, egress: "[]"))
            defer { _ = try? node.controlPlane.run(["delete", "networkpolicy", "-n", space, "deny-all"]) }
            let wire = try #require(pod.wire)
            let probe = Probe(id: 0, to: try #require(IPAddress("10.29.0.9")), port: 80, protocol: .tcp)
            try node.waitUntil("the denial is on the record") {
                _ = try wire.probe(pod.process, [probe])
                return try records().contains { $0.flow?.verdict == "DENIED" }
            }
            let version = try node.controlPlane.kubectl(
                "get", "networkpolicy", "-n", space, "deny-all", "-o", "jsonpath={.metadata.resourceVersion}")
            let set = try #require(
                records().compactMap(\.change).first { $0.namespace == space && $0.kind == "NetworkPolicy" })
            #expect(set.action == "set" && set.name == "deny-all" && set.entries > 0)
            #expect(set.by?.resourceVersion == version && set.by?.manager.hasPrefix("kubectl") == true)
            #expect(try records().contains { $0.pod?.action == "enforced" && $0.pod?.name == "web" })
            try node.controlPlane.kubectl("delete", "networkpolicy", "-n", space, "deny-all")
            try node.waitUntil("the removal is on the record") {
                try records().contains { $0.change?.action == "removed" && $0.change?.name == "deny-all" }
            }
        }
    }
}
