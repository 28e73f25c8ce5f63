import Agent
import KernelDatapath
import PolicyModel
import VerdictTables

/// `explain` about a domain name: a client may take any of the addresses that it was told, so each
/// must be allowed.
struct NameExplanation: Explanation {
    /// An address that the pod was told for the name.
    struct Told: Encodable {
        var address: String
        var secondsLeft: UInt64
        var verdict: ExplainedVerdict
        var reason: String
    }

    var pod: String
    var to: String
    var port: UInt16
    var `protocol`: String
    var verdict: ExplainedVerdict
    var reason: String
    @Nulled var policy: String?
    @Nulled var rule: Int?
    /// What the pod's rules for names say of it; null where none speaks of it.
    @Nulled var covered: String?
    /// What the pod was told and still counts.
    var addresses: [Told]
    var policySet: String
    var policies: [String]
    var generation: UInt32
    var agentRunning: Bool

    /// Stands for any public address, of which no policy speaks in particular: of 192.88.99.0/24, which
    /// nobody has any more (RFC 7526).
    private static let anyAddress = IPAddress(ipv4: 0xc058_6301)

    init(_ subject: ExplainedPod, to name: DomainName, _ destination: Destination) throws {
        let view = subject.view
        let now = KernelClock.now()
        let told = try subject.learned.filter { $0.name.name == name.description }.map { entry in
            let address = entry.place.address
            return (entry: entry, judgement: try subject.judge(address, destination), isOwn: subject.isOwn(address))
        }
        addresses = told.map { told in
            Told(
                address: told.entry.place.address.description,
                secondsLeft: (told.entry.name.expires - min(now, told.entry.name.expires)) / 1_000_000_000,
                verdict: told.isOwn ? .allow : subject.verdict(told.judgement),
                reason: told.isOwn ? "it is the pod itself" : subject.reason(told.judgement))
        }.sorted { ($0.verdict, $0.address) < ($1.verdict, $1.address) }
        let asked = try subject.judge(Self.anyAddress, destination, as: [name])
        let worst = told.filter { !$0.isOwn }.min { subject.verdict($0.judgement) < subject.verdict($1.judgement) }
        let deciding = told.isEmpty ? asked : worst?.judgement
        let cause = deciding.flatMap { view.names.causes[$0.decision.cause] }
        pod = subject.row.pod
        to = name.description
        port = destination.port
        self.protocol = destination.protocol.rawValue
        verdict = addresses.first?.verdict ?? subject.verdict(asked)
        reason = addresses.first?.reason ?? subject.reason(asked)
        policy = cause?.policy
        rule = cause?.rule
        covered = try view.tables.decision(
            on: name, of: subject.entry.policySet, protocol: destination.protocol.number(to: Self.anyAddress),
            port: destination.port
        ).map { $0.action.allows ? view.describe($0.cause) : "by a rule, but not for this port" }
        policySet = subject.entry.policySet.description
        policies = subject.row.policies
        generation = view.config.generation
        agentRunning = view.agent != nil
    }

    func printDetails() {
        let differ = addresses.contains { $0.reason != reason }
        Page.print("  because", (differ ? "\(addresses[0].address): " : "") + reason)
        Page.print("  the name", covered ?? "none of the pod's rules for domain names covers it")
        if addresses.isEmpty {
            Page.print(
                "  told", "nothing that still counts; what stands above is for a public address, once a trusted "
                    + "resolver has told it")
        }
        for (index, told) in addresses.enumerated() {
            let time = "\(told.secondsLeft) seconds left"
            Page.print(
                index == 0 ? "  told" : "", "\(told.address), \(time): \(told.verdict.rawValue)"
                    + (differ ? ", \(told.reason)" : ""))
        }
        printPolicies()
        Page.print("  looked up", "policy set \(policySet)")
    }
}
