import PacketLab
import Testing

/// Names that an answer's CNAMEs lead to.
@Suite("Domain names behind CNAMEs", .serialized)
struct NameChainTests {
    private static let records = [
        // CoreDNS's autopath: the question is one of a search domain.
        "--cname=api.example.com.shop.svc.cluster.local,api.example.com", "--host-record=api.example.com,11.0.0.1",
        // A service of type ExternalName, and a chain through several names.
        "--cname=pay.shop.svc.cluster.local,a.hop.example.net", "--cname=a.hop.example.net,b.wild.example.com",
        "--cname=b.wild.example.com,c.hop.example.net", "--host-record=c.hop.example.net,11.0.0.2",
        "--cname=other.shop.svc.cluster.local,other.example.net", "--host-record=other.example.net,11.0.0.3",
        "--cname=private.shop.svc.cluster.local,d.wild.example.com", "--host-record=d.wild.example.com,10.9.0.80",
    ]

    private func explain(_ scene: NameScene, _ to: String) throws -> String {
        try scene.node.tool("explain", "default/pod", "--to", to)
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test(
        "B2, B7: a CNAME from a search domain or a service counts for the name that policy has, with the agent there or not"
    )
    func chains() throws {
        let scene = try NameScene(records: Self.records)
        defer { scene.close() }
        #expect(try scene.send("11.0.0.1") == "denied")
        #expect(try scene.resolve("api.example.com.shop.svc.cluster.local") == "11.0.0.1 ok")
        #expect(try scene.resolve("other.shop.svc.cluster.local") == "11.0.0.3 denied")
        let told = try scene.node.waitFor("a snapshot of the pod") {
            let told = try explain(scene, "11.0.0.1:9/udp")
            return told.contains("no snapshot") ? nil : told
        }
        #expect(told.hasPrefix("ALLOW") && told.contains("as api.example.com"), "\(told)")
        // What a name leads to is as private as ever.
        #expect(try scene.resolve("private.shop.svc.cluster.local") == "10.9.0.80 denied")
        let closed = try explain(scene, "10.9.0.80:9/udp")
        #expect(closed.contains("as an answer for d.wild.example.com it opens nothing"), "\(closed)")
        scene.node.killAgent()
        #expect(try scene.resolve("pay.shop.svc.cluster.local") == "11.0.0.2 ok")
    }

    @Test(
        "B7: a policy that names the target of a long answer's CNAME opens all its addresses, read by whoever reads it")
    func longAnswers() throws {
        let hosts = (1...40).map { "11.2.0.\($0) many.example.com\n" }.joined()
        let scene = try NameScene(
            "[many.example.com]", records: ["--cname=many.shop.svc.cluster.local,many.example.com"], hosts: hosts)
        defer { scene.close() }
        try scene.node.waitUntil("all forty") {
            let result = try scene.resolve("many.shop.svc.cluster.local")
            return result.contains("11.2.0.40 ok") && !result.contains("denied")
        }
    }
}
