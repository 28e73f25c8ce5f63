import Agent
import AgentAPI
import PolicyCompiler
import PolicyModel
import TestHarness
import Testing

@Suite struct PolicyReportTests {
    static let web = NamespacedName("shop", "web")

    private func compiler(_ objects: [ClusterObject]) -> PolicyCompiler {
        var compiler = PolicyCompiler(options: CompilerOptions(subjects: .node("here", includingUnassigned: false)))
        _ = compiler.update(objects.map { .set($0) })
        return compiler
    }

    private func pod(_ name: String, on node: String, _ labels: Labels, _ number: UInt32) -> ClusterObject {
        .pod(
            Pod(
                key: NamespacedName("shop", name), labels: labels, nodeName: node,
                addresses: [IPAddress(ipv4: 0x0a00_0000 + number)]))
    }

    private func policy(_ name: String, _ labels: Labels, to peers: Labels...) -> ClusterObject {
        .networkPolicy(
            NetworkPolicy(
                key: NamespacedName("shop", name), podSelector: LabelSelector(matchLabels: labels), isolates: [.egress],
                rules: peers.enumerated().map {
                    PolicyRule(.egress, index: $0, peers: [.pods(in: .own, LabelSelector(matchLabels: $1))], ports: nil)
                }))
    }

    private func tier(_ tier: ClusterNetworkPolicy.Tier, _ name: String, _ priority: Int) -> ClusterObject {
        .clusterNetworkPolicy(
            ClusterNetworkPolicy(
                name: name, tier: tier, priority: priority, subject: PodSelection(),
                rules: [TierPolicyRule(.egress, index: 0, action: .deny, peers: [.nodes(LabelSelector())])]))
    }

    private func report(_ compiler: PolicyCompiler, diagnostics: [Diagnostic] = []) -> PolicyReport {
        let draft = PolicyReportDraft(compiler, diagnostics: diagnostics)
        return PolicyReport(
            writtenAt: 7, node: "here", policies: draft.items.compactMap { draft.policy($0, compiler) },
            elsewhere: draft.elsewhere)
    }

    @Test("policies come in the order in which they are asked; those about no pod here are counted")
    func order() {
        let report = report(
            compiler([
                pod("web", on: "here", ["app": "web"], 1), pod("db", on: "there", ["app": "db"], 2), policy("b", [:]),
                policy("a", ["app": "web"], to: ["app": "db"], ["app": "none"]), policy("db", ["app": "db"]),
                tier(.baseline, "last", 1), tier(.admin, "second", 9), tier(.admin, "first", 3),
            ]))
        #expect(report.policies.map(\.name) == ["first", "second", "a", "b", "last"])
        #expect(report.elsewhere == 1)
        #expect(report.policies[2].pods == ["shop/web"] && report.policies[2].subject == "pods with app=web in shop")
        #expect(
            report.policies[2].rules.map(\.text) == ["to pods with app=db in shop", "to pods with app=none in shop"])
        #expect(report.policies[2].rules.map(\.matchesNothing) == [false, true])
        #expect(report.policies[0].priority == 3 && report.policies[0].tier == .admin)
        #expect(report.policies[0].rules.map(\.text) == ["Deny to nodes"] && report.policies[0].rules[0].matchesNothing)
    }

    @Test("a policy that goes while the report is made is left out")
    func gone() {
        var compiler = compiler([pod("web", on: "here", [:], 1), policy("a", [:]), policy("b", [:])])
        let draft = PolicyReportDraft(compiler, diagnostics: [])
        _ = compiler.update([.remove(ObjectReference(.networkPolicy, "shop", "a"))])
        #expect(draft.items.map { draft.policy($0, compiler)?.name } == [nil, "b"])
    }

    @Test("what is wrong stands with its policy, also with one that is about no pod or could not be read")
    func problems() {
        let far = ObjectReference(.networkPolicy, "shop", "db")
        let unread = ObjectReference(.clusterNetworkPolicy, "", "broken")
        let report = report(
            compiler([pod("web", on: "here", [:], 1), policy("db", ["app": "db"])]),
            diagnostics: [
                Diagnostic(.error, reference: far, field: "spec.egress[0]", "is null"),
                Diagnostic(.error, reference: unread, "is no object"),
                Diagnostic(.error, reference: ObjectReference(.pod, "shop", "web"), "is about a pod"),
            ])
        #expect(report.policies.map(\.name) == ["db", "broken"] && report.elsewhere == 0)
        #expect(report.policies[0].problems.map(\.message) == ["spec.egress[0]: is null"])
        #expect(report.policies[1].problems.map(\.message) == ["is no object"] && report.policies[1].rules.isEmpty)
    }

    @Test("what is written is read")
    func file() throws {
        let report = report(
            compiler([pod("web", on: "here", [:], 1), policy("a", [:], to: [:]), tier(.admin, "t", 1)]))
        let directory = try TemporaryDirectory()
        #expect(try PolicyReport.read(from: directory.root) == nil)
        try report.write(to: directory.root)
        #expect(try PolicyReport.read(from: directory.root) == report)
    }

    /// The time is printed and judged by nobody.
    @Test("5,000 policies and 250 pods of the node are told of")
    func scale() {
        let pods =
            (0..<250).map { pod("here\($0)", on: "here", ["app": "a\($0)"], UInt32($0)) }
            + (0..<20_000).map { pod("there\($0)", on: "there", ["app": "a\($0 % 5_000)"], 1_000 + UInt32($0)) }
        let policies = (0..<5_000).map {
            policy("p\($0)", ["app": "a\($0)"], to: ["app": "a\($0 + 1)"], ["app": "none"])
        }
        let compiler = compiler(pods + policies + (0..<50).map { tier(.admin, "t\($0)", $0) })
        var told: PolicyReport?
        let time = ContinuousClock().measure { told = report(compiler) }
        print("scale: report of 5,050 policies with 250 pods \(time)")
        #expect(told?.policies.count == 300 && told?.elsewhere == 4_750)
    }
}
