import AgentAPI
import KernelDatapath
import PolicyModel
import VerdictTables

/// `explain` about an address.
struct AddressExplanation: Explanation {
    var pod: String
    var to: String
    var port: UInt16
    var `protocol`: String
    var verdict: ExplainedVerdict
    var reason: String
    @EncodesNil var policy: String?
    @EncodesNil var rule: Int?
    /// What the destination is.
    var destination: String
    /// The domain name by which it is allowed, where the address alone is not.
    @EncodesNil var name: String?
    /// Whether the verdict is owed to a name that only the question says the pod was told.
    var isSupposed: Bool
    var addressClass: String
    var policySet: String
    var policies: [String]
    var generation: UInt32
    var agentRunning: Bool
    /// What the verdict does not know of.
    var cautions: [String]
    var inForce: Standing

    /// - Parameter names: what the pod is taken to have been told the address for.
    init(_ subject: ExplainedPod, to address: IPAddress, _ destination: Destination, _ names: [DomainName]) throws {
        let view = subject.view
        let judgement = try subject.judge(address, destination, as: names)
        let cause = view.names.causes[judgement.decision.cause]
        let own = subject.isOwn(address)
        pod = subject.row.pod
        to = address.description
        port = destination.port
        self.protocol = destination.protocol.rawValue
        verdict = own ? .allow : subject.verdict(judgement)
        let remark = try subject.remark(judgement, address, destination)
        reason = own ? "it is the pod itself" : view.describe(judgement.decision.cause) + remark
        policy = own ? nil : cause?.policy?.policyText
        rule = own ? nil : cause?.rule
        self.destination = own ? "the pod itself" : view.describe(judgement.addressClass)
        name = own ? nil : judgement.name?.description
        isSupposed = !own && !names.isEmpty && subject.told(address, judgement.name) == false
        addressClass = judgement.addressClass.description
        policySet = subject.entry.policySet.description
        policies = subject.row.policies
        generation = view.config.generation
        agentRunning = view.agent != nil
        cautions = subject.cautions
        if !own && view.isService(judgement.addressClass) { cautions += subject.translators }
        inForce = view.standing
    }

    var condition: String { isSupposed ? "if it is told \(name ?? "the name")" : "" }

    func printDetails() {
        for caution in cautions { Page.print("  but", caution) }
        Page.print("  because", reason + (name.map { ", as \($0)" } ?? ""))
        Page.print("  destination", destination)
        printPolicies()
        Page.print("  looked up", "address class \(addressClass), policy set \(policySet)")
    }
}
