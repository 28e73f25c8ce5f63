import AgentAPI
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

    struct Expired: Encodable {
        var address: String
        var secondsAgo: UInt64
    }

    var pod: String
    var to: String
    var port: UInt16
    var `protocol`: String
    var verdict: ExplainedVerdict
    var reason: String
    @EncodesNil var policy: String?
    @EncodesNil var rule: Int?
    /// What becomes of the verdict once a trusted resolver has told the pod a public address for the name;
    /// null where that changes nothing.
    @EncodesNil var onceTold: ExplainedVerdict?
    /// What the pod's rules for names say of it; null where none speaks of it.
    @EncodesNil var covered: String?
    /// What the pod was told and still counts.
    var addresses: [Told]
    /// What it was told before, and whose time is over.
    var expired: [Expired]
    var policySet: String
    var policies: [String]
    var generation: UInt32
    var agentRunning: Bool
    /// What the verdict does not know of.
    var cautions: [String]
    var inForce: Standing

    /// Stands for any public address, of which no policy speaks in particular: of 192.88.99.0/24, which
    /// nobody has any more (RFC 7526).
    private static let anyAddress = IPAddress(ipv4: 0xc058_6301)

    init(_ subject: ExplainedPod, to name: DomainName, _ destination: Destination) throws {
        let view = subject.view
        let now = KernelClock.now()
        func end(_ told: LearnedNames.Entry) throws -> UInt64 {
            try told.name.counts(grace: view.nameGrace(told.name, subject.entry.policySet))
        }
        let told = try subject.learned.filter { $0.name.name == name.description }.map { entry in
            let address = entry.place.address
            return (entry: entry, judgement: try subject.judge(address, destination), isOwn: subject.isOwn(address))
        }
        addresses = try told.map { told in
            let until = try end(told.entry)
            let remark = try subject.remark(told.judgement, told.entry.place.address, destination)
            return Told(
                address: told.entry.place.address.description,
                secondsLeft: (max(until, now) - now) / 1_000_000_000,
                verdict: told.isOwn ? .allow : subject.verdict(told.judgement),
                reason: told.isOwn ? "it is the pod itself" : subject.reason(told.judgement) + remark)
        }.sorted { ($0.verdict, $0.address) < ($1.verdict, $1.address) }
        expired = subject.expired.filter { $0.name.name == name.description }.map {
            Expired(
                address: $0.place.address.description, secondsAgo: (now - min(now, $0.name.expires)) / 1_000_000_000)
        }
        // Before the pod asks, its packets go by address alone.
        let asked = try subject.judge(Self.anyAddress, destination, as: [name])
        let unasked = try subject.judge(Self.anyAddress, destination)
        let worst = told.filter { !$0.isOwn }.min { subject.verdict($0.judgement) < subject.verdict($1.judgement) }
        let deciding = told.isEmpty ? unasked : worst?.judgement
        let cause = deciding.flatMap { view.names.causes[$0.decision.cause] }
        pod = subject.row.pod
        to = name.description
        port = destination.port
        self.protocol = destination.protocol.rawValue
        verdict = addresses.first?.verdict ?? subject.verdict(unasked)
        reason = addresses.first?.reason ?? subject.reason(unasked)
        let changes = told.isEmpty && subject.verdict(asked) != subject.verdict(unasked)
        onceTold = changes ? subject.verdict(asked) : nil
        policy = cause?.policy?.policyText
        rule = cause?.rule
        covered = try view.tables.decision(
            on: name, of: subject.entry.policySet, protocol: destination.protocol.number(to: Self.anyAddress),
            port: destination.port
        ).map { $0.action.allows ? view.describe($0.cause) : "by a rule, but not for this port" }
        policySet = subject.entry.policySet.description
        policies = subject.row.policies
        generation = view.config.generation
        agentRunning = view.agent != nil
        cautions = subject.cautions
        inForce = view.standing
    }

    var condition: String {
        if onceTold != nil { return "until the pod asks for it" }
        return addresses.isEmpty ? "for an address that no rule names," : ""
    }

    func printDetails() {
        for caution in cautions { Page.print("  but", caution) }
        let differ = addresses.contains { $0.reason != reason }
        Page.print("  because", (differ ? "\(addresses[0].address): " : "") + reason)
        Page.print("  the name", covered ?? "none of the pod's rules for domain names covers it")
        if addresses.isEmpty {
            Page.print(
                "  told",
                "nothing that still counts"
                    + (onceTold.map { "; once a trusted resolver has told it a public address: \($0.rawValue)" } ?? ""))
            if onceTold == nil {
                Page.print(
                    "  to do",
                    "say --to ADDRESS: Sluice knows no address of the name, and one may have a rule of its own")
            } else {
                Page.print(
                    "  to do",
                    "let the pod ask for the name, as clients do that are given the name and not an address; "
                        + "sluice lint finds pods that cannot ask (no-dns)")
            }
        }
        for (index, told) in addresses.enumerated() {
            let time = "\(told.secondsLeft) seconds left"
            Page.print(
                index == 0 ? "  told" : "",
                "\(told.address), \(time): \(told.verdict.rawValue)"
                    + (differ ? ", \(told.reason)" : ""))
        }
        for (index, gone) in expired.enumerated() {
            Page.print(index == 0 ? "  told before" : "", "\(gone.address), expired \(gone.secondsAgo) s ago")
        }
        printPolicies()
        Page.print("  looked up", "policy set \(policySet)")
    }
}
