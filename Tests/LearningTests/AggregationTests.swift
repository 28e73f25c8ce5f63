import Flows
import Learning
import PolicyModel
import Testing

@Suite("Addresses outside the cluster")
struct AggregationTests {
    /// The blocks that come of addresses, as they are written.
    func blocks(
        _ addresses: [String], inCluster: [String] = [], _ change: (inout PolicyGenerator.Options) -> Void = { _ in }
    ) -> [String] {
        var options = PolicyGenerator.Options()
        change(&options)
        var records = [PolicyGeneratorTests.record(to: .external, addresses: addresses)]
        for address in inCluster {
            var record = PolicyGeneratorTests.record(
                PolicyGeneratorTests.api, to: .pods(PolicyGeneratorTests.api, portNames: []))
            record.seen.examples = [FlowRecord.Example(pod: "api", address: IPAddress(address)!)]
            records.append(record)
        }
        let lesson = PolicyGenerator(records, cluster: RecordedCluster(), options: options).lesson(workload: "web")
        return lesson.policies.map(\.yaml).joined().split(separator: "\n").filter {
            $0.contains("/") && $0.contains("\"")
        }
        .map { $0.split(separator: "\"")[1] }.map(String.init)
    }

    @Test("few stay single")
    func few() {
        #expect(
            blocks(["203.0.113.1", "203.0.113.2", "203.0.113.3"]) == [
                "203.0.113.1/32", "203.0.113.2/32", "203.0.113.3/32",
            ])
    }

    @Test("many of one neighbourhood become the narrowest block that holds them, others stay single")
    func many() {
        #expect(
            blocks(["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.6", "198.51.100.1", "2001:db8::1"])
                == ["198.51.100.1/32", "203.0.113.0/29", "2001:db8::1/128"])
        #expect(blocks((1...5).map { "2001:db8::\($0)" }) == ["2001:db8::/125"])
    }

    @Test("no block is wider than asked for")
    func bounded() {
        let spread = (0..<8).map { "203.0.\($0).1" }
        #expect(blocks(spread).allSatisfy { $0.hasSuffix("/32") })
        #expect(blocks(spread) { $0.widestIPv4 = 16 } == ["203.0.0.0/21"])
        #expect(blocks(["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"]) { $0.widestIPv4 = 32 }.count == 4)
    }

    @Test("a block that would hold an address of the cluster is not made")
    func nothingOfTheCluster() {
        let near = (1...6).map { "10.9.9.\($0)" }
        #expect(blocks(near) == ["10.9.9.0/29"])
        #expect(blocks(near, inCluster: ["10.9.9.7"]).count == 6)
        #expect(blocks(near, inCluster: ["10.9.9.200"]) == ["10.9.9.0/29"])
    }

    @Test("a block as wide as the internet leaves private networks out, and private addresses stay by themselves")
    func theInternet() {
        let all = blocks((0..<8).map { "\($0 * 30 + 1).0.0.1" } + ["10.1.1.1", "192.168.1.1"]) { $0.widestIPv4 = 0 }
        #expect(
            all == [
                "0.0.0.0/0", "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
                "10.1.1.1/32", "192.168.1.1/32",
            ])
    }

    @Test("what was only counted by wider blocks is left out, and that is said")
    func tooWide() {
        let record = PolicyGeneratorTests.record(to: .external, addresses: ["203.0.0.0/16"])
        let lesson = PolicyGenerator([record], cluster: RecordedCluster()).lesson()
        #expect(lesson.policies.isEmpty && lesson.omissions.first?.reason.contains("--cidr-v4-max") == true)
        #expect(blocks(["203.0.0.0/16"]) { $0.widestIPv4 = 16 } == ["203.0.0.0/16"])
    }
}
