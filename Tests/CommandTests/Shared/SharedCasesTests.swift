import FoundationEssentials
import TestHarness
import Testing

/// The shared cases through the tool.
@Suite struct SharedCasesTests {
    @Test("there are cases") func thereAreCases() throws {
        #expect(!SharedCase.all.isEmpty, "no cases in \(SharedCase.folder)")
        #expect(try SharedCase.all.reduce(0) { try $0 + $1.probes().count } > SharedCase.all.count)
    }

    @Test("every verdict is as expected", arguments: SharedCase.all)
    func everyVerdictIsAsExpected(_ one: SharedCase) async throws {
        let probes = try one.probes()
        try #require(!probes.isEmpty)
        let files = try TemporaryDirectory()
        let questions = try files.write("probes.json", Array(JSONEncoder().encode(probes)))
        let ended = try await run(["simulate", "--objects", one.path, "--probes", questions, "-o", "json"])
        #expect(ended.status == 0, "\(ended.err)")
        let rows = try Row.all(ended.out)
        try #require(rows.count == probes.count)
        for (probe, row) in zip(probes, rows) where row.verdict != probe.expect {
            Issue.record("\(one): \(probe): \(row.verdict), \(row.reason)")
        }
    }
}

/// Objects that the API server refuses, in a cluster that is all right.
@Suite struct InvalidObjectTests {
    /// Egress of the same pods denied: the least that an object which cannot be
    /// understood may come to.
    static let isolation = """
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
         "metadata": {"name": "bad", "namespace": "x"},
         "spec": {"podSelector": {}, "policyTypes": ["Egress"]}}
        """

    /// Clusters whose pods are in the namespace of the invalid objects.
    static let clusters = SharedCase.all.filter { $0.name.hasPrefix("cyclonus-v4-0") }.prefix(6)

    /// A probe without what is expected of the cluster alone.
    private struct Question: Encodable {
        var pod: String
        var to: String
        var port: Int?
        var `protocol`: String

        init(_ probe: SharedCase.Probe) {
            (pod, to, port, `protocol`) = (probe.pod, probe.to, probe.port, probe.protocol)
        }
    }

    @Test("never widen and are named", arguments: SharedCase.invalid)
    func neverWidenAndAreNamed(_ invalid: SharedCase) async throws {
        let files = try TemporaryDirectory()
        // {"id", "reason", "object"}: the reader is given the object as a list's.
        let text = String(decoding: invalid.contents, as: UTF8.self)
        let object = try files.write("bad.json", text.replacing(/("object":)(\{.*\})\}/) { "\"objects\":[\($0.2)]}" })
        let isolation = try files.write("isolation.json", Self.isolation)
        try #require(Self.clusters.count > 3)
        for cluster in Self.clusters {
            let probes = try cluster.probes()
            let file = try files.write("probes.json", Array(JSONEncoder().encode(probes.map(Question.init))))
            func verdicts(_ other: String) async throws -> (Programs.Ended, [Row]) {
                let ended = try await run([
                    "simulate", "--objects", cluster.path, other, "--probes", file, "-o", "json",
                ])
                return (ended, try Row.all(ended.out))
            }
            let (said, with) = try await verdicts(object)
            let (_, floor) = try await verdicts(isolation)
            #expect(said.status == 2)
            #expect(said.err.contains("NetworkPolicy x/bad: spec.egress[0]"), "\(said.err)")
            try #require(with.count == floor.count && with.count == probes.count)
            #expect(floor.contains { $0.verdict == "deny" })
            for (row, least) in zip(with, floor) where row.verdict == "allow" && least.verdict != "allow" {
                Issue.record("\(invalid) with \(cluster): \(row)")
            }
        }
    }
}
