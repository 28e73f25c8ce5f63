import AgentAPI
import KernelDatapath
import PolicyModel

/// What the agent last said of policies, joined with how their pods stand.
struct PoliciesView {
    let report: PolicyReport
    private let pods: [String: Snapshot.Pod]
    private let isPending: Bool
    private let isAgentRunning: Bool
    private let standing: Standing

    /// - Throws: `Failure` if there is no report.
    init(_ options: NodeOptions) throws {
        let directory = options.stateDir
        do {
            guard let report = try PolicyReport.read(from: directory) else {
                throw Failure.failed(
                    "\(directory) holds no report of policies: start sluiced, or say --state-dir")
            }
            self.report = report
        } catch let error as DecodingError {
            throw Failure.failed("the report of policies in \(directory) cannot be read: \(error)")
        }
        let snapshot = try? Snapshot.read(from: directory)
        pods = Dictionary(
            (snapshot?.pods ?? []).map { ($0.pod, $0) }, uniquingKeysWith: { first, _ in first })
        isPending = snapshot?.pending ?? false
        standing = Standing(Pins(directory: options.bpffs))
        isAgentRunning = AgentLock.runningHolder(path: "\(directory)/agent.lock") != nil
    }

    /// Whether a policy is in force here.
    enum Force: String, Encodable {
        case yes
        /// It is about no pod of this node.
        case noPod = "no pod"
        /// None of its rules is understood, or it has none that says anything.
        case noRule = "no rule"
        /// Tier Baseline, and NetworkPolicies isolate all its pods.
        case notAsked = "not asked"
        /// Not for all pods: some have older rules, no cgroup yet, or a runtime that hides their packets.
        case partly
        /// Nothing shows that any of its pods is judged.
        case unproven = "not known to be"
        /// Changes wait to get into the kernel.
        case pending
        /// No program is attached.
        case no
    }

    func force(_ policy: PolicyReport.Policy) -> Force {
        if policy.pods.isEmpty { return .noPod }
        // Without rules a NetworkPolicy denies everything.
        if policy.tier != nil && policy.rules.isEmpty { return .noRule }
        let known = policy.pods.compactMap { pods[$0] }
        let asked = known.filter { $0.policies.contains(policy.text) }
        if asked.isEmpty && !known.isEmpty { return .notAsked }
        if standing == .nowhere { return .no }
        if isPending { return .pending }
        if !asked.isEmpty && asked.allSatisfy({ $0.state == .unproven }) { return .unproven }
        let isEverywhere = asked.allSatisfy { $0.state == .enforced || $0.state == .deleted }
        return isEverywhere && standing == .whole ? .yes : .partly
    }

    /// What keeps pods from being under it.
    func laggards(_ policy: PolicyReport.Policy) -> [String] {
        policy.pods.compactMap { pods[$0] }.filter {
            [.waiting, .held, .degraded, .unproven, .unenforceable].contains($0.state)
        }
        .map { "\($0.pod) (\($0.state.rawValue))" }
    }

    func mentionAgent() {
        if let warning = standing.warning(isAgentRunning: isAgentRunning, "this is what it last knew") {
            complain(warning)
        }
    }
}

extension PolicyReport.Policy {
    /// As the pods' rows of the snapshot name it.
    var text: String { namespace.isEmpty ? "\(kind) \(name)" : "\(namespace)/\(name)" }

    var fullName: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// Whether it is understood.
    var understanding: String {
        let errors = problems.count { $0.severity == "error" }
        if errors > 0 { return errors == 1 ? "1 error" : "\(errors) errors" }
        return problems.isEmpty ? "yes" : problems.count == 1 ? "1 warning" : "\(problems.count) warnings"
    }

    var unmatched: Int { rules.count { $0.matchesNothing } }
}
