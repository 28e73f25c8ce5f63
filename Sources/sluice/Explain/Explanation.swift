import PolicyModel

/// Why a pod may or may not connect somewhere.
protocol Explanation: Encodable {
    /// On a packet now.
    var verdict: ExplainedVerdict { get }
    /// What else must be so for the verdict to be true, or what changes it; nothing as a rule.
    var condition: String { get }
    var pod: String { get }
    var to: String { get }
    var port: UInt16 { get }
    var `protocol`: String { get }
    var policies: [String] { get }
    var generation: UInt32 { get }
    var agentRunning: Bool { get }
    /// Whether the kernel asks the tables at all.
    var inForce: Standing { get }

    /// Prints what stands between the answer and what everything is found in.
    func printDetails()
}

extension Explanation {
    var condition: String { "" }

    /// The answer first, then why.
    func print() {
        let port = self.protocol == "ICMP" ? "" : " port \(port)"
        var head = verdict.rawValue.uppercased() + (condition.isEmpty ? "" : " \(condition)")
        switch inForce {
        case .whole: break
        case .partly: head += " (IN FORCE ONLY PARTLY)"
        case .nowhere: head += " (NOT IN FORCE)"
        }
        Swift.print("\(head)  \(pod) to \(to)\(port) \(self.protocol)".printable)
        printDetails()
        Page.print("  kernel maps", "generation \(generation), agent \(agentRunning ? "running" : "not running")")
    }

    func printPolicies() {
        Page.print("  policies", policies.isEmpty ? "no policy" : policies.joined(separator: ", "))
    }
}
