import Agent
import AgentAPI
import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

@Suite struct DeletedPodTests {
    static let key = NamespacedName("x", "a")
    static let id = CgroupID(rawValue: 7)
    var state = NodeState(options: CompilerOptions(subjects: .node("here", includingUnassigned: false)))
    let removal = ClusterChange.remove(ObjectReference(.pod, key))

    func pod(_ uid: String = "u", node: String = "here", change: (inout Pod) -> Void = { _ in }) -> ClusterChange {
        var pod = Pod(
            key: Self.key, uid: uid, labels: ["app": "web"], nodeName: node, addresses: [IPAddress("10.0.0.1")!])
        change(&pod)
        return .set(.pod(pod))
    }

    func policy(_ block: String) -> ClusterChange {
        .set(
            .networkPolicy(
                NetworkPolicy(
                    key: NamespacedName("x", "p"), podSelector: LabelSelector(matchLabels: ["app": "web"]),
                    isolates: [.egress],
                    rules: [PolicyRule(.egress, index: 0, peers: [.block(IPBlock(Prefix(block)!))], ports: nil)])))
    }

    static func there(_ name: CgroupName) -> PodCgroup? {
        name == .uid("u") ? PodCgroup(id: id, path: "kubepods/podu", level: 2) : nil
    }

    /// Whether an address is let through from the cgroup.
    func allows(_ address: String) throws -> Bool {
        let entry = try #require(state.pods[Self.id])
        return try state.tables.judge(entry.policySet, to: IPAddress(address)!, protocol: 6, port: 80)
            .decision.action == .allow
    }

    @Test("policies that change apply to a deleted pod's cgroup") mutating func policies() throws {
        _ = state.update([pod(), policy("10.1.0.0/16")], locate: Self.there)
        _ = state.update([removal], locate: Self.there)
        #expect(try allows("10.1.0.1") && !allows("10.2.0.1"))
        _ = state.update([policy("10.2.0.0/16")], locate: Self.there)
        #expect(try !allows("10.1.0.1") && allows("10.2.0.1"))
        let name = try #require(state.owners[Self.id])
        #expect(name.description == "x/a (deleted, u)" && state.deleted.contains(name))
        _ = state.relocate([.uid("u")]) { _ in nil }
        #expect(state.pods.isEmpty && state.subjects.isEmpty && state.deleted.keys.isEmpty)
    }

    @Test("a removal that finds the cgroup gone forgets the pod") mutating func goneAlready() {
        _ = state.update([pod(), policy("10.1.0.0/16")], locate: Self.there)
        _ = state.update([removal]) { _ in nil }
        #expect(state.pods.isEmpty && state.subjects.isEmpty && state.deleted.keys.isEmpty)
    }

    @Test("a pod that is told of again has its cgroup back", arguments: [true, false])
    mutating func toldAgain(_ inOneBatch: Bool) {
        _ = state.update([pod(), policy("10.1.0.0/16")], locate: Self.there)
        let before = state.tables
        var steps: [TableChanges] = []
        for batch in inOneBatch ? [[removal, pod()]] : [[removal], [pod()]] {
            steps += state.update(batch, locate: Self.there)
        }
        #expect(state.owners == [Self.id: Self.key] && state.deleted.keys.isEmpty && state.tables == before)
        #expect(steps.allSatisfy { $0.pods[Self.id] != .some(nil) }, "there is no moment without an entry")
    }

    @Test("one batch may end a pod and begin others of its name") mutating func inOneBatch() {
        _ = state.update([pod(), policy("10.1.0.0/16")], locate: Self.there)
        _ = state.update([removal, pod("v"), removal, pod("w")], locate: Self.there)
        #expect(state.owners[Self.id]?.name == "a (deleted, u)")
        #expect(Set(state.subjects.values.map(\.uid)) == ["u", "w"] && state.subjects.count == 2)
    }

    @Test("a pod that is said to be elsewhere keeps its cgroup here", arguments: ["there", ""])
    mutating func elsewhere(_ node: String) throws {
        _ = state.update([pod(), policy("10.1.0.0/16")], locate: Self.there)
        _ = state.update([pod(node: node)], locate: Self.there)
        _ = state.update([pod(node: node) { $0.ready = false }], locate: Self.there)
        #expect(try allows("10.1.0.1") && !allows("10.2.0.1"))
        #expect(state.tables.addresses[Prefix(host: IPAddress("10.0.0.1")!)] != nil, "it is a peer there")
        _ = state.update([pod()], locate: Self.there)
        #expect(state.owners == [Self.id: Self.key] && state.deleted.keys.isEmpty)
    }

    @Test("a pod that is finished stays enforced and is no peer") mutating func finished() throws {
        _ = state.update([pod(), policy("10.1.0.0/16")], locate: Self.there)
        let address = Prefix(host: IPAddress("10.0.0.1")!)
        _ = state.update([pod { $0.finished = true }], locate: Self.there)
        #expect(try !allows("10.2.0.1") && state.tables.addresses[address] == nil)
        _ = state.update([pod()], locate: Self.there)
        #expect(try !allows("10.2.0.1") && state.tables.addresses[address] != nil)
        _ = state.update([pod { $0.finished = true }], locate: Self.there)
        _ = state.update([removal], locate: Self.there)
        #expect(try !allows("10.2.0.1"))
    }

    @Test("a deleted pod of the host's network keeps the guards") mutating func hostNetwork() throws {
        _ = state.update([pod { $0.hostNetwork = true }, policy("10.1.0.0/16")], locate: Self.there)
        _ = state.update([removal], locate: Self.there)
        #expect(state.pods[Self.id]?.policySet == .guardsOnly)
        #expect(try !allows("169.254.169.254") && allows("10.2.0.1"))
    }

    @Test("a pod of a manifest is released when the manifest is gone") mutating func manifest() {
        _ = state.update([pod { $0.cgroupPath = "pods/u" }]) { _ in Self.there(.uid("u")) }
        #expect(state.owners == [Self.id: Self.key])
        _ = state.update([removal]) { _ in Self.there(.uid("u")) }
        #expect(state.pods.isEmpty && state.deleted.keys.isEmpty)
    }
}
