import AgentAPI
import PolicyModel

/// One policy in detail.
enum PolicyPage {
    static func show(_ policy: PolicyReport.Policy, _ view: PoliciesView) {
        print("\(policy.kind) \(policy.fullName.printable)")
        if let tier = policy.tier {
            let priority = policy.priority.map { "priority \($0)" } ?? "after all that have a priority"
            line("tier", "\(tier.rawValue), \(priority)")
        }
        if !policy.subject.isEmpty { line("about", policy.subject) }
        line("in force", view.force(policy).rawValue)
        line("pods here", policy.pods.isEmpty ? "none" : policy.pods.joined(separator: ", "))
        let laggards = view.laggards(policy)
        if !laggards.isEmpty { line("not yet", laggards.joined(separator: ", ")) }
        line("understood", policy.understanding)
        for problem in policy.problems { line("  \(problem.severity)", problem.message) }
        if policy.rules.isEmpty { line("rules", policy.tier == nil ? "none: it allows nothing" : "none") }
        for rule in policy.rules {
            line("rule \(rule.index)", rule.text + (rule.matchesNothing ? " (no known pod or node matches)" : ""))
        }
    }

    private static func line(_ name: String, _ text: String) { Page.print("  \(name)", text) }
}
