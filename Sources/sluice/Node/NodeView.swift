import AgentAPI
import ArgumentParser
import KernelDatapath
import PolicyModel
import VerdictTables

/// Where the agent keeps its things.
struct NodeOptions: ParsableArguments {
    @Option(help: "The directory of the pinned maps, programs and links.")
    var bpffs = "/sys/fs/bpf/sluice"

    @Option(help: "The directory of the agent's snapshot.")
    var stateDir = "/run/sluice"
}

/// This node as the pinned maps hold it, with the snapshot's names for what the
/// maps know by identifier.
struct NodeView {
    let pins: Pins
    let tables: KernelTables
    let config: NodeConfig
    let snapshot: Snapshot?
    /// Whether the programs that ask the tables are attached.
    let standing: Standing
    /// The agent that runs.
    let holder: AgentLock.Holder?
    /// Its process.
    var agent: Int32? { holder?.process }
    /// Whether the agent that runs has not yet said anything, so that the snapshot is an earlier one's.
    var isSnapshotInherited: Bool {
        guard let holder, let snapshot else { return false }
        return snapshot.startedAt != holder.since
    }

    /// - Throws: `Failure` if nothing is pinned or it cannot be read.
    init(_ options: NodeOptions) throws {
        pins = Pins(directory: options.bpffs)
        do {
            tables = try KernelTables(pins: pins)
            guard let config = try tables.config() else {
                throw Failure.failed("the maps below \(options.bpffs) were never filled; see sluiced's log")
            }
            self.config = config
        } catch let error as KernelError where error.name == "ENOENT" {
            throw Failure.failed("nothing is pinned at \(options.bpffs): start sluiced, or say --bpffs")
        }
        standing = Standing(pins)
        holder = AgentLock.runningHolder(path: "\(options.stateDir)/agent.lock")
        do {
            snapshot = try Snapshot.read(from: options.stateDir)
        } catch {
            complain("the snapshot in \(options.stateDir) cannot be read, so names are missing: \(error)")
            snapshot = nil
        }
    }

    var names: IdentifierLegend { snapshot?.names ?? IdentifierLegend() }

    /// What resolvers told a pod, the latest first; that too whose time is over.
    func learned(by pod: CgroupID) throws -> [LearnedNames.Entry] {
        try LearnedNames(pins: pins).all().filter { $0.name.pod == pod }
    }

    /// For how many seconds after its last use a name counts past its time.
    func nameGrace(_ name: LearnedName, _ policySet: PolicySetID) throws -> UInt64 {
        let usual = UInt64(config.settings.nameLifetime.grace)
        guard let name = DomainName(name.name),
            let decision = try tables.decision(on: name, of: policySet, protocol: 6, port: 443),
            decision.action.allows, decision.dnsPrecedence.grace != Precedence.defaultGrace
        else { return usual }
        return UInt64(decision.dnsPrecedence.grace)
    }

    /// The pod's row of the snapshot.
    /// - Throws: `Failure` if there is no such pod on this node.
    func pod(_ key: NamespacedName) throws -> Snapshot.Pod {
        guard let snapshot else {
            throw Failure.failed("no snapshot says which cgroup is \(key)'s: start sluiced, or say --state-dir")
        }
        guard let pod = snapshot.pods.first(where: { $0.pod == key.description }) else {
            throw Failure.badInput(
                "no pod \(key) on node \(snapshot.node)"
                    + Suggestions.text(snapshot.pods.map(\.pod)) { $0.hasPrefix("\(key.namespace)/") })
        }
        return pod
    }

    /// The name of the pod that a cgroup is, or the cgroup's number.
    func podName(_ cgroup: CgroupID) -> String {
        snapshot?.pods.first { $0.cgroupID == cgroup }?.pod ?? "cgroup \(cgroup.rawValue)"
    }

    /// Whether an address is a service's.
    func isService(_ addressClass: AddressClassID) -> Bool {
        names.classes[addressClass]?.contains { if case .service = $0 { true } else { false } } ?? false
    }

    func describe(_ addressClass: AddressClassID) -> String {
        if addressClass == .other { return "any other address" }
        if let nameClass = addressClass.nameClass {
            return describe(nameClass) + (addressClass.isPrivateAnswer ? ", at private or guarded addresses" : "")
        }
        guard let members = names.classes[addressClass] else { return "class \(addressClass)" }
        return members.map(\.text).sorted().joined(separator: "; ")
    }

    /// Of lists with many names the first ones.
    func describe(_ nameClass: NameClassID) -> String {
        guard let lists = names.nameClasses[nameClass] else { return "names of class \(nameClass)" }
        return lists.map { list in
            let more = list.count > 3 ? " and \(list.count - 3) more" : ""
            return list.prefix(3).map(\.description).joined(separator: ", ") + more
        }.joined(separator: "; ")
    }

    func describe(_ policySet: PolicySetID) -> String {
        guard let set = names.policySets[policySet] else {
            return policySet == .guardsOnly ? "no policy, guards on" : "set \(policySet)"
        }
        let policies = set.policies.isEmpty ? "no policy" : set.policies.map(\.policyText).joined(separator: " + ")
        return policies + (set.exempt ? ", metadata guard off" : "")
    }

    func describe(_ cause: CauseID) -> String {
        names.causes[cause]?.reason ?? (cause == .none ? "no entry" : "cause \(cause)")
    }

    /// Says on standard error where names come from if the agent is down, and that what was printed is not
    /// in force if it is not.
    func mentionAgent() {
        if let warning = standing.warning(isAgentRunning: agent != nil, "names are from its last snapshot") {
            complain(warning)
        }
    }
}

extension Action {
    var word: String {
        switch self {
        case .allow: "allow"
        case .deny: "deny"
        case .guard: "guard"
        case .audit: "audit"
        case .allowGuarded: "allow"
        }
    }
}
