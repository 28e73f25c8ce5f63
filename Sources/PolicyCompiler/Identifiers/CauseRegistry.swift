import PolicyModel
import VerdictTables

/// The causes behind identifiers. Identifiers are derived from what they stand
/// for, so that they outlive the agent in pinned maps.
struct CauseRegistry: Sendable {
    private(set) var causes = Cause.ofPrograms
    /// What was interned, and what was pruned, since `drainUpdates`.
    private var updates: [CauseID: Cause?] = Cause.ofPrograms.mapValues { $0 }

    mutating func intern(_ cause: Cause) -> CauseID {
        var candidate = CauseID(rawValue: max(cause.stableHash, 16))
        while let known = causes[candidate], known != cause {
            candidate = CauseID(rawValue: max(StableHash.mix(candidate.rawValue &+ 1), 16))
        }
        if causes[candidate] == nil {
            causes[candidate] = cause
            updates[candidate] = cause
        }
        return candidate
    }

    /// Forgets causes that nothing names any more, now and then.
    mutating func prune(keeping named: () -> Set<CauseID>) {
        guard causes.count > limit else { return }
        let live = named()
        for id in causes.keys where !live.contains(id) && Cause.ofPrograms[id] == nil {
            causes[id] = nil
            updates[id] = .some(nil)
        }
        limit = max(4096, causes.count * 2)
    }

    /// The causes that are new since the last time; nil for those forgotten.
    mutating func drainUpdates() -> [CauseID: Cause?] {
        defer { updates = [:] }
        return updates
    }

    private var limit = 4096
}

extension StableHash {
    fileprivate mutating func add(_ rule: TierRule) {
        add(rule.tier.rawValue)
        add(rule.policy.description)
        add(UInt64(rule.rule))
        add(rule.name)
        add(rule.action.rawValue)
    }
}

extension Cause {
    /// The same from one version to the next: the agent that comes after an upgrade finds these identifiers in the
    /// pinned maps and in `state.json`. So names are hashed as text, however they are held.
    fileprivate var stableHash: UInt64 {
        var hash = StableHash()
        switch self {
        case .sourceRouted: hash.add("source-routed")
        case .foreignSource: hash.add("foreign source")
        case .notIsolated: hash.add("not isolated")
        case .rule(let policy, let rule):
            hash.add("rule")
            hash.add(policy.description)
            hash.add(UInt64(rule))
        case .tier(let rule):
            hash.add("tier")
            hash.add(rule)
        case .isolated(let policies):
            hash.add("isolated")
            for policy in policies { hash.add(policy.description) }
        case .guarded(let name):
            hash.add("guarded")
            hash.add(name)
        case .exempted(let name):
            hash.add("exempted")
            hash.add(name)
        case .service(let name, let policy, let rule):
            hash.add("service")
            hash.add(name.description)
            hash.add(policy?.description ?? "")
            hash.add(UInt64(rule ?? 0))
        case .serviceDenied(let name, let endpoint):
            hash.add("service denied")
            hash.add(name.description)
            hash.add(endpoint?.description ?? "")
        case .serviceTier(let name, let endpoint, let rule):
            hash.add("service tier")
            hash.add(name.description)
            hash.add(endpoint?.description ?? "")
            hash.add(rule)
        case .serviceGuarded(let name, let guarded):
            hash.add("service guarded")
            hash.add(name.description)
            hash.add(guarded)
        case .ownNode: hash.add("own node")
        }
        return hash.value
    }
}
