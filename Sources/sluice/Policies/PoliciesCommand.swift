import AgentAPI
import AgentConfiguration
import ArgumentParser
import PolicyModel

struct PoliciesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policies",
        abstract: "The policies that this node's agent knows, and whether they are in force.",
        discussion: """
            Lists policies in the order of evaluation, and only counts NetworkPolicies
            that isolate no pod of this node. With a name it shows that policy in detail.
            NO PEER counts rules that no known pod or node matches.

            Examples:
              sluice policies
              sluice policies shop/web
              sluice policies -n shop -o wide
            """)

    @Argument(help: "A policy: namespace/name, or the name of an administrators' policy.")
    var name: String?

    @Option(name: [.customShort("n"), .long], help: "Show only this namespace's policies.")
    var namespace: String?

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: WideFormatOption

    func run() throws {
        try exiting {
            let view = try PoliciesView(node)
            var policies = view.report.policies
            if let namespace { policies.removeAll { $0.namespace != namespace } }
            if let name {
                policies = try named(name, view)
                for policy in policies where output.format != .json { PolicyPage.show(policy, view) }
            }
            switch output.format {
            case .json: try printJSON(policies.map { PolicyRow($0, view) })
            case .table where name == nil: show(policies, view, width: Page.width)
            case .wide where name == nil: show(policies, view, width: .max)
            case .table, .wide: break
            }
            view.mentionAgent()
        }
    }

    private func named(_ name: String, _ view: PoliciesView) throws -> [PolicyReport.Policy] {
        let found = view.report.policies.filter { [$0.fullName, $0.name, "\($0.kind)/\($0.fullName)"].contains(name) }
        guard found.isEmpty else { return found }
        let elsewhere =
            view.report.elsewhere > 0
            ? "; \(view.report.elsewhere) NetworkPolicies isolate no pod of this node and are not looked at" : ""
        let place = name.split(separator: "/").first.map { "\($0)/" } ?? ""
        throw Failure.badInput(
            "no policy \(name) on node \(view.report.node)"
                + Suggestions.text(view.report.policies.map(\.fullName)) { $0.hasPrefix(place) } + elsewhere)
    }

    private func show(_ policies: [PolicyReport.Policy], _ view: PoliciesView, width: Int) {
        let isWide = output.format == .wide
        var table = Table(
            ["TIER", "PRIORITY", "POLICY", "KIND", "PODS", "RULES", "NO PEER", "UNDERSTOOD", "IN FORCE"]
                + (isWide ? ["POD NAMES", "ABOUT"] : []))
        for policy in policies {
            table.add(
                [
                    policy.tier?.rawValue ?? "-", policy.priority.map { String($0) } ?? "-", policy.fullName,
                    policy.kind, String(policy.pods.count), String(policy.rules.count), String(policy.unmatched),
                    policy.understanding, view.force(policy).rawValue,
                ]
                    + (isWide
                        ? [policy.pods.isEmpty ? "-" : policy.pods.joined(separator: ", "), policy.subject] : []))
        }
        table.print(width: width)
        if view.report.elsewhere > 0 && namespace == nil {
            print("\(view.report.elsewhere) more NetworkPolicies isolate no pod of this node")
        }
    }
}

/// A policy as JSON has it.
struct PolicyRow: Encodable {
    struct Problem: Encodable {
        var severity: String
        var message: String
    }

    var kind: String
    var namespace: String
    var name: String
    @EncodesNil var tier: String?
    @EncodesNil var priority: Int?
    var subject: String
    var pods: [String]
    var rules: [PolicyReport.Rule]
    var problems: [Problem]
    var inForce: PoliciesView.Force

    init(_ policy: PolicyReport.Policy, _ view: PoliciesView) {
        kind = policy.kind
        namespace = policy.namespace
        name = policy.name
        tier = policy.tier?.rawValue
        priority = policy.priority
        subject = policy.subject
        pods = policy.pods
        rules = policy.rules
        problems = policy.problems.map { Problem(severity: $0.severity, message: $0.message) }
        inForce = view.force(policy)
    }
}
