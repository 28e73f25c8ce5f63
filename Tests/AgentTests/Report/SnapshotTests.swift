import Agent
import AgentAPI
import AgentConfiguration
import FoundationEssentials
import PolicyCompiler
import PolicyModel
import TestHarness
import Testing
import VerdictTables

@Suite struct SnapshotTests {
    let full: Snapshot

    init() throws {
        full = try JSONDecoder().decode(Snapshot.self, from: Data(Self.text.utf8))
    }

    static let text = """
        {"agent": 42, "startedAt": 1, "writtenAt": 2, "node": "n", "source": "/s", "cgroupRoot": "/cg",
         "generation": 9, "enforcement": "audit", "startupPosture": "hold", "metadataGuard": "off", "nodePortGuard": "audit",
         "failFast": false, "attachedTo": ["kubepods"], "pending": true,
         "pods": [
           {"pod": "shop/web", "uid": "u", "state": "degraded", "cgroup": "kubepods/podu",
            "cgroupID": "ffffffffffffffff", "policySet": "fedcba9876543210", "policies": ["shop/out"],
            "addresses": ["10.0.0.1"], "hostNetwork": true, "audit": true, "isolated": true,
            "workload": {"kind": "Deployment", "name": "web"}, "exemptions": ["metadata", "nodePorts"]},
           {"pod": "shop/new", "uid": "", "state": "waiting", "policySet": "0000000000000001",
            "policies": [], "addresses": [], "hostNetwork": false, "audit": false, "isolated": false,
            "exemptions": []}],
         "names": {
           "nameClasses": {},
           "causes": {"0000000000000014": {"service": {"_0": "a/b", "policy": "x/y", "rule": 3}},
                      "0000000000000015": {"notIsolated": {}}},
           "classes": {"0000000000000007": [
              {"pods": {"namespace": "x", "labels": {"a": "b"}, "ports": []}},
              {"block": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
              {"service": {"_0": "a/b", "ipv4": true}}, {"guarded": {"_0": "imds"}}, {"ownNode": {}}]},
           "policySets": {"0000000000000001": {"policies": ["shop/web", "ClusterNetworkPolicy top"], "exempt": false}}},
         "condition": {"feeds": [{"name": "pods", "state": "stale", "lastContact": 7, "objects": 3}]},
         "problems": [{"severity": "error", "message": "füll\\n\\"x\\""}]}
        """

    @Test("what the file says") func whatTheFileSays() {
        #expect(full.pods.map(\.state) == [.degraded, .waiting])
        #expect(full.pods[0].cgroupID == CgroupID(rawValue: .max) && full.pods[1].cgroupID == nil)
        #expect(full.pods[0].exemptions == [.metadata, .nodePorts] && full.pods[0].workload?.kind == "Deployment")
        #expect(full.pods[0].policySet == PolicySetID(rawValue: 0xfedc_ba98_7654_3210))
        #expect(
            full.names.causes[CauseID(rawValue: 20)]
                == .service(NamespacedName("a", "b"), policy: NamespacedName("x", "y"), rule: 3))
        #expect(full.names.classes[AddressClassID(rawValue: 7)]?.count == 5)
        #expect(
            full.names.policySets[PolicySetID(rawValue: 1)]?.policies
                == [ObjectReference(.networkPolicy, "shop", "web"), ObjectReference(.clusterNetworkPolicy, "", "top")])
        #expect(full.condition.feeds.map(\.state) == [.stale] && full.condition.isSynced)
        #expect(full.problems.map(\.message) == ["füll\n\"x\""])
    }

    @Test("what is written is read") func whatIsWrittenIsRead() throws {
        let directory = try TemporaryDirectory()
        #expect(try Snapshot.read(from: directory.root) == nil)
        try full.write(to: directory.root)
        #expect(try Snapshot.read(from: directory.root) == full)
        // Written anew, not over: a reader sees the old or the new.
        var next = full
        next.pods = []
        try next.write(to: directory.root)
        #expect(try Snapshot.read(from: directory.root) == next)
        #expect(TemporaryDirectory.names(directory.root) == [Snapshot.fileName])
    }

    @Test("junk is an error and not nothing") func junkIsAnErrorAndNotNothing() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Snapshot.fileName, "{\"agent\": 1")
        #expect(throws: (any Error).self) { try Snapshot.read(from: directory.root) }
    }

    @Test("a directory that is not there is an error") func aDirectoryThatIsNotThereIsAnError() {
        #expect(throws: (any Error).self) { try full.write(to: "/proc/sluice") }
    }
}
