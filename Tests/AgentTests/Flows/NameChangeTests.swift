import Agent
import AgentAPI
import CSluice
import Flows
import KernelDatapath
import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

@Suite("The node's state tells what has other names")
struct NameChangeTests {
    static let cgroup = PodCgroup(id: CgroupID(rawValue: 7), path: "kubepods/poda", level: 2)

    static func pod(_ labels: Labels) -> ClusterChange {
        .set(
            .pod(
                Pod(
                    key: NamespacedName("shop", "web"), uid: "a", labels: labels, nodeName: "n",
                    addresses: [IPAddress("10.0.0.1")!])))
    }

    static let policy = ClusterChange.set(
        .networkPolicy(
            NetworkPolicy(
                key: NamespacedName("shop", "out"), podSelector: LabelSelector(), isolates: [.egress],
                rules: [PolicyRule(.egress, index: 0, peers: [.block(IPBlock(Prefix("198.51.100.0/24")!))], ports: nil)]
            )))

    @Test("a book that takes every change knows pods, blocks, guards and causes as they are, and no more")
    func inStep() throws {
        var node = NodeState(options: CompilerOptions(subjects: .node("n", includingUnassigned: false)))
        var book = FlowEnricher(node: "n")
        func flow(_ address: String) throws -> Flow {
            let addressClass =
                node.tables.addresses.filter { $0.key.contains(IPAddress(address)!) }
                .max { $0.key.length < $1.key.length }?.value ?? .other
            let set = try #require(node.subjects[NamespacedName("shop", "web")]?.policySet)
            let rule = node.tables.rules[RuleKey(set, addressClass)] ?? node.tables.rules[RuleKey(set, .other)]
            guard case .always(let decision)? = rule else { throw Unfit() }
            return book.flow(
                try event(address) {
                    $0.address_class = addressClass.rawValue
                    $0.cause = decision.cause.rawValue
                })
        }
        func change(_ changes: ClusterChange...) {
            _ = node.update(changes) { _ in Self.cgroup }
            _ = node.reclaim(node.drainUnusedSets())
            book.apply(node.drainUpdates())
        }
        change(Self.pod(["app": "web"]), Self.policy)
        var seen = try flow("198.51.100.7")
        #expect(seen.source.labels == ["app": "web"] && seen.destinationNames == ["198.51.100.0/24"])
        #expect(seen.policy == FlowPolicy(kind: "NetworkPolicy", namespace: "shop", name: "out", rule: 0))
        #expect(try flow("203.0.113.1").reason.hasPrefix("isolated by policy shop/out"))
        #expect(try flow("169.254.170.2").destinationNames == ["aws-ecs"])
        #expect(try flow("10.0.0.1").destination.key == NamespacedName("shop", "web"))

        // Labels that no policy asks about change no verdict.
        change(Self.pod(["app": "web", "version": "2"]))
        #expect(try flow("203.0.113.1").source.labels["version"] == "2")
        #expect(node.drainUpdates().residents.isEmpty, "nothing is told twice")

        change(.remove(ObjectReference(.networkPolicy, "shop", "out")))
        seen = try flow("198.51.100.7")
        #expect(seen.destinationNames == [] && seen.reason == Cause.notIsolated.reason)
        _ = node.update([.remove(ObjectReference(.pod, "shop", "web"))]) { _ in nil }
        book.apply(node.drainUpdates())
        let last = book.flow(try event("10.0.0.1"))
        #expect(last.source == FlowEnd(cgroup: 7) && last.destinationKind == .external)
    }

    private struct Unfit: Error {}
}
