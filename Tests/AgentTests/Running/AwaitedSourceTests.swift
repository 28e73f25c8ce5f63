import Agent
import AgentAPI
import AgentConfiguration
import KernelDatapath
import ManifestSource
import PolicyModel
import Synchronization
import TestHarness
import Testing
import VerdictTables

/// A source that has told what a cluster cannot do without, while others are awaited.
@Suite struct AwaitedSourceTests {
    private func running(_ lab: AgentLab, _ body: (ToldSource, Agent) async throws -> Void) async throws {
        var configuration = lab.configuration
        configuration.startupPosture = .hold
        let source = ToldSource(
            feeds: [.init(name: "clusternetworkpolicies", state: .waiting, problem: "status 500")])
        try await lab.running(source, configuration) { try await body(source, $0) }
    }

    private func batch(_ lab: AgentLab, awaited: [String] = []) -> ClusterBatch {
        var store = ManifestStore()
        for name in TemporaryDirectory.names(lab.files.path("manifests")) {
            let path = lab.files.path("manifests/\(name)")
            store.update(file: path, contents: TemporaryDirectory.bytes(path))
        }
        return ClusterBatch(changes: store.drainChanges(), awaited: awaited)
    }

    /// Whether a problem says so, for `status`.
    private func says(_ lab: AgentLab, _ text: String) throws -> Bool {
        try Snapshot.read(from: lab.files.path("state"))?.problems.contains { $0.message.contains(text) } == true
    }

    private let awaited = ["clusternetworkpolicies"]

    private let tierPolicy = """
        apiVersion: policy.networking.k8s.io/v1alpha2
        kind: ClusterNetworkPolicy
        metadata: {name: top}
        spec:
          tier: Admin
          priority: 1
          subject: {namespaces: {}}
          egress:
          - {action: Deny, to: [{networks: [198.51.100.0/24]}]}

        """

    @Test("C3: under hold no pod goes, and the node is not ready, while something may narrow its policy")
    func noPodGoes() async throws {
        try await AgentLab.with { lab in
            try lab.isolateWeb()
            let cgroup = try lab.cgroupID("web")
            try await running(lab) { source, agent in
                source.speak.yield(batch(lab, awaited: awaited))
                // The policy's tables are there, and the pod is not in them.
                try await eventually("the policy is compiled") { try lab.kernelTables().rules.count > 1 }
                #expect(try lab.kernelTables().pods[cgroup] == nil)
                try await eventually("status tells of the pod") {
                    let status = try await lab.tool("status")
                    return status.status == 1 && status.out.contains("1 held")
                        && status.out.contains("clusternetworkpolicies are not known yet: status 500")
                }
                let readiness = agent.obstacles
                #expect(
                    !readiness.isReady && readiness[.synced]?.contains("clusternetworkpolicies (status 500)") == true)
                try lab.write("tier.yaml", tierPolicy)
                source.speak.yield(batch(lab))
                try await eventually("the pod goes when all is known") { try lab.kernelTables().pods[cgroup] != nil }
                try await lab.settled()
                #expect(agent.obstacles[.synced] == nil)
            }
        }
    }

    @Test("C3: what an earlier agent enforced of an awaited kind stays")
    func rulesStay() async throws {
        try await AgentLab.with { lab in
            try lab.isolateWeb()
            try lab.write("tier.yaml", tierPolicy)
            try await lab.enforcedBefore(endedBy: 15)
            let before = try lab.kernelTables()
            lab.files.remove("manifests/tier.yaml")
            try await running(lab) { source, _ in
                source.speak.yield(batch(lab, awaited: awaited))
                try await eventually("it is told that they stay") { try says(lab, "what is enforced already stays") }
                #expect(try lab.kernelTables() == before)
                // Now it is known that there is none.
                source.speak.yield(ClusterBatch())
                try await lab.settled()
                try await eventually("it is well") { try !says(lab, "what is enforced already stays") }
            }
        }
    }

    @Test("C3: where nothing of an awaited kind was in force, the rest need not wait, and pods that are in stay in")
    func podsStay() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            lab.makeCgroup("new")
            let (web, new) = try (lab.cgroupID("web"), lab.cgroupID("new"))
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24"]))
            try await lab.enforcedBefore(endedBy: 15)
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1") + lab.pod("new", "10.9.0.2"))
            try lab.write("policy.yaml", lab.policy("out", blocks: ["203.0.113.0/24"]))
            let desired = try lab.desired()
            try await running(lab) { source, _ in
                source.speak.yield(batch(lab, awaited: awaited))
                try await eventually("the new policy is in force") {
                    try lab.kernelTables().pods[web] == desired.pods[web]
                }
                #expect(try lab.kernelTables().pods[new] == nil)
                source.speak.yield(ClusterBatch())
                try await lab.settled()
            }
        }
    }

    @Test("C2: a change beside a big policy does not wait for it")
    func besideBigPolicy() async throws {
        func policy(_ name: String, _ blocks: Int) -> ClusterChange {
            let peers = (0..<blocks).map {
                Peer.block(IPBlock(Prefix(IPAddress(ipv4: 0x0b00_0000 + UInt32($0) * 4), length: 127)))
            }
            return .set(
                .networkPolicy(
                    NetworkPolicy(
                        key: NamespacedName("shop", name), podSelector: LabelSelector(matchLabels: ["name": name]),
                        isolates: [.egress], rules: [PolicyRule(.egress, index: 0, peers: peers, ports: nil)])))
        }
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            lab.makeCgroup("other")
            let (web, other) = try (lab.cgroupID("web"), lab.cgroupID("other"))
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1") + lab.pod("other", "10.9.0.2"))
            try await running(lab) { source, _ in
                source.speak.yield(batch(lab))
                try await eventually("the pods are known") { try lab.kernelTables().pods.count == 2 }
                let tables = try KernelTables(pins: lab.pins)
                let (webBefore, otherBefore) = try (tables.pod(web)?.policySet, tables.pod(other)?.policySet)
                let begun = ContinuousClock.now
                source.speak.yield(ClusterBatch(changes: [policy("web", 30_000)]))
                try await eventually("the big policy is named") {
                    try says(lab, "NetworkPolicy shop/web (30000 blocks)")
                }
                var longest = Duration.zero
                var count = 0
                // As long as it comes in, small changes come into force at once.
                while try tables.pod(web)?.policySet == webBefore {
                    count += 1
                    let before = try tables.pod(other)?.policySet
                    let asked = ContinuousClock.now
                    source.speak.yield(ClusterBatch(changes: [policy("other", count)]))
                    while try tables.pod(other)?.policySet == before, ContinuousClock.now - asked < .seconds(10) {
                        try await Task.sleep(for: .microseconds(500))
                    }
                    longest = max(longest, ContinuousClock.now - asked)
                }
                print(
                    "C2: 30,000 blocks came into force after \(ContinuousClock.now - begun); \(count) changes beside them took \(longest) at most"
                )
                #expect(count > 1 && longest < .milliseconds(500))
                #expect(try tables.pod(other)?.policySet != otherBefore)
            }
        }
    }
}
