import AgentAPI
import KernelDatapath
import PolicyModel
import VerdictTables

/// `explain` about a service or a pod by its name: a client may take any of its addresses, so each must be
/// allowed.
struct ObjectExplanation: Explanation {
    struct Address: Encodable {
        var address: String
        var verdict: ExplainedVerdict
        var reason: String
        /// What the address is to the rules.
        var destination: String
    }

    var pod: String
    var to: String
    var port: UInt16
    var `protocol`: String
    var verdict: ExplainedVerdict
    var reason: String
    @EncodesNil var policy: String?
    @EncodesNil var rule: Int?
    var addresses: [Address]
    var policySet: String
    var policies: [String]
    var generation: UInt32
    var agentRunning: Bool
    var inForce: Standing

    init(_ subject: ExplainedPod, to object: ResolvedObject) throws {
        let view = subject.view
        let judged = try object.addresses.map { address in
            let place = Destination(host: .address(address), port: object.port, protocol: object.protocol)
            return try AddressExplanation(subject, to: address, place, [])
        }.sorted { ($0.verdict, $0.to) < ($1.verdict, $1.to) }
        addresses = judged.map {
            Address(address: $0.to, verdict: $0.verdict, reason: $0.reason, destination: $0.destination)
        }
        pod = subject.row.pod
        to = object.text
        port = object.port
        self.protocol = object.protocol.rawValue
        verdict = judged.first?.verdict ?? .deny
        reason = judged.first?.reason ?? "it has no address"
        policy = judged.first?.policy
        rule = judged.first?.rule
        policySet = subject.entry.policySet.description
        policies = subject.row.policies
        generation = view.config.generation
        agentRunning = view.agent != nil
        inForce = view.standing
    }

    func printDetails() {
        let differ = addresses.contains { $0.reason != reason }
        Page.print("  because", (differ ? "\(addresses[0].address): " : "") + reason)
        for (index, entry) in addresses.enumerated() {
            Page.print(
                index == 0 ? "  addresses" : "",
                "\(entry.address): \(entry.verdict.rawValue)"
                    + (differ ? ", \(entry.reason)" : "") + "; it is \(entry.destination)")
        }
        printPolicies()
        Page.print("  looked up", "policy set \(policySet)")
    }
}
