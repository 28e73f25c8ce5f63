import AgentAPI
import KernelDatapath
import PolicyModel
import VerdictTables

/// The pod that an explanation is about, as the kernel has it.
struct ExplainedPod {
    let view: NodeView
    let row: Snapshot.Pod
    let entry: PodEntry
    /// What resolvers told it and still counts; nothing where none of its rules speaks of names.
    let learned: [LearnedNames.Entry]
    /// What would count if its time were not over.
    let expired: [LearnedNames.Entry]

    /// - Throws: `Failure` if there is no such pod on this node, or the kernel knows nothing of it.
    init(_ key: NamespacedName, _ view: NodeView) throws {
        self.view = view
        row = try view.pod(key)
        guard let cgroup = row.cgroupID, let entry = try view.tables.pod(cgroup) else {
            throw Failure.failed(
                "the kernel has no entry for \(key): \(row.cgroup.map { "cgroup \($0) is not in the map" } ?? "its cgroup has not been found"); see sluice status"
            )
        }
        self.entry = entry
        let now = KernelClock.now()
        let told = entry.flags.contains(.names) ? try view.learned(by: cgroup) : []
        let policySet = entry.policySet
        func counts(_ told: LearnedNames.Entry) throws -> Bool {
            try told.name.counts(grace: view.nameGrace(told.name, policySet)) > now
        }
        learned = try told.filter(counts)
        expired = try told.filter { try !counts($0) }
    }

    /// What is to be added to a denial of the address: that the pod's answer for it is no longer good, or never was.
    func remark(_ judgement: Judgement, _ address: IPAddress, _ destination: Destination) throws -> String {
        if judgement.decision.action.allows { return "" }
        let covered = try (learned + expired).filter { told in
            guard told.place.address == address, let name = DomainName(told.name.name) else { return false }
            return try view.tables.decision(
                on: name, of: entry.policySet, protocol: destination.protocol.number(to: address),
                port: destination.port)?.action.allows ?? false
        }
        guard let last = covered.max(by: { $0.name.expires < $1.name.expires }) else { return "" }
        let now = KernelClock.now()
        if !learned.contains(last) {
            let seconds = (now - min(now, last.name.expires)) / 1_000_000_000
            return "; its answer for \(last.name.name) expired \(seconds) s ago"
        }
        return address.isPublic
            ? ""
            : "; \(address) is no public address: as an answer for \(last.name.name) it opens nothing unless the policy is annotated \(Self.privateAnswers), and a service's port never"
    }

    private static let privateAnswers = "sluice.dev/private-answers: allow"

    /// What keeps the kernel from acting as its tables say.
    var cautions: [String] {
        guard row.state == .unproven else { return [] }
        let attachments = view.snapshot?.attachments ?? []
        let reason = attachments.first { row.cgroup?.hasPrefix($0.cgroup) == true }?.obstacle
        return ["the pod is not known to be enforced" + (reason.map { ": \($0)" } ?? "")]
    }

    /// Who may put other addresses in place of services'.
    var translators: [String] {
        (view.snapshot?.otherPrograms ?? []).filter { $0.effect == .mayTranslate }.map(\.note)
    }

    func isOwn(_ address: IPAddress) -> Bool { address.isLoopback || row.addresses.contains(address.description) }

    /// The verdict on a packet to an address.
    ///
    /// - Parameter names: what the pod was told the address for beside what is learned.
    func judge(_ address: IPAddress, _ destination: Destination, as names: [DomainName] = []) throws -> Judgement {
        let told = self.names(of: address)
        return try view.tables.judge(
            entry.policySet, to: address, protocol: destination.protocol.number(to: address),
            port: destination.port, names: entry.flags.contains(.names) ? names + told : [])
    }

    /// The names for which resolvers told the pod an address.
    private func names(of address: IPAddress) -> [DomainName] {
        learned.filter { $0.place.address == address }.compactMap { DomainName($0.name.name) }
    }

    /// Whether the pod was told the address for a name; nil where no name counts.
    func told(_ address: IPAddress, _ name: DomainName?) -> Bool? { name.map(names(of: address).contains) }

    /// What the verdict comes to for this pod.
    func verdict(_ judgement: Judgement) -> ExplainedVerdict {
        switch judgement.decision.action {
        case .allow, .allowGuarded: .allow
        case .guard: .deny
        case .audit: .audit
        case .deny:
            view.config.settings.flags.contains(.audit) || entry.flags.contains(.audit) ? .audit : .deny
        }
    }

    /// Why, with the name that it goes by.
    func reason(_ judgement: Judgement) -> String {
        view.describe(judgement.decision.cause) + (judgement.name.map { ", as \($0)" } ?? "")
    }
}

/// What keeps a pod from more comes first.
enum ExplainedVerdict: String, Encodable, CaseIterable, Comparable {
    case deny, audit, allow

    static func < (left: Self, right: Self) -> Bool {
        allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
    }
}
