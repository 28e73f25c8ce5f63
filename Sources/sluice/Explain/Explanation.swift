/// Why a pod may or may not connect somewhere.
protocol Explanation: Encodable {
    var verdict: ExplainedVerdict { get }
    var pod: String { get }
    var to: String { get }
    var port: UInt16 { get }
    var `protocol`: String { get }
    var policies: [String] { get }
    var generation: UInt32 { get }
    var agentRunning: Bool { get }

    /// Prints what stands between the answer and what everything is found in.
    func printDetails()
}

extension Explanation {
    /// The answer first, then why.
    func print() {
        let port = self.protocol == "ICMP" ? "" : " port \(port)"
        Swift.print("\(verdict.rawValue.uppercased())  \(pod) to \(to)\(port) \(self.protocol)")
        printDetails()
        Page.print("  kernel maps", "generation \(generation), agent \(agentRunning ? "running" : "not running")")
    }

    func printPolicies() {
        Page.print("  policies", policies.isEmpty ? "no policy" : policies.joined(separator: ", "))
    }
}
