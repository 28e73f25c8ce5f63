import Agent
import KernelDatapath
import PolicyModel
import VerdictTables

/// The pod that an explanation is about, as the kernel has it.
struct ExplainedPod {
    let view: NodeView
    let row: Snapshot.Pod
    let entry: PodEntry
    /// What resolvers told it; nothing where none of its rules speaks of names.
    let learned: [LearnedNames.Entry]

    /// - Throws: `Failure` if there is no such pod on this node, or the kernel knows nothing of it.
    init(_ key: NamespacedName, _ view: NodeView) throws {
        self.view = view
        row = try view.pod(key)
        guard let cgroup = row.cgroupID, let entry = try view.tables.pod(cgroup) else {
            throw Failure.notSo(
                "the kernel has no entry for \(key): \(row.cgroup.map { "cgroup \($0) is not in the map" } ?? "its cgroup has not been found")")
        }
        self.entry = entry
        learned = entry.flags.contains(.names) ? try view.learned(by: cgroup) : []
    }

    func isOwn(_ address: IPAddress) -> Bool { address.isLoopback || row.addresses.contains(address.description) }

    /// The verdict on a packet to an address.
    ///
    /// - Parameter names: what the pod was told the address for beside what is learned.
    func judge(_ address: IPAddress, _ destination: Destination, as names: [DomainName] = []) throws -> Judgement {
        let told = learned.filter { $0.place.address == address }.compactMap { DomainName($0.name.name) }
        return try view.tables.judge(
            entry.policySet, to: address, protocol: destination.protocol.number(to: address),
            port: destination.port, names: entry.flags.contains(.names) ? names + told : [])
    }

    /// What the verdict comes to for this pod.
    func verdict(_ judgement: Judgement) -> ExplainedVerdict {
        switch judgement.decision.action {
        case .allow, .pastGuard: .allow
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
