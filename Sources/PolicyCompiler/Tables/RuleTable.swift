import PolicyModel
import VerdictTables

/// The tables `rules` and `ports`, with what changed in them since last asked.
struct RuleTable: Sendable {
    private struct PortSet: Hashable {
        var entries: [PortPrefix: Decision]

        var stableHash: UInt64 {
            var hash = StableHash()
            for (prefix, decision) in entries.sorted(by: { $0.key < $1.key }) {
                hash.add(UInt64(prefix.bits) << 8 | UInt64(prefix.length))
                hash.add(UInt64(decision.action.rawValue))
                hash.add(decision.cause.rawValue)
                hash.add(UInt64(decision.dnsPrecedence.admin) << 16 | UInt64(decision.dnsPrecedence.grace))
            }
            return hash.value
        }
    }

    private(set) var rules: [RuleKey: Rule] = [:]
    private var classes: [PolicySetID: Set<AddressClassID>] = [:]
    private(set) var ports: [PortKey: Decision] = [:]
    private var portSets = Interner<PortSetID, PortSet>()
    private var changedRules: [RuleKey: Rule?] = [:]
    private var changedPorts: [PortKey: Decision?] = [:]

    /// The rule for these claims; its port set, if it has one, gains no use yet. What it
    /// costs goes with the ports: to be asked once for what many classes have in common.
    mutating func rule(_ verdicts: PortVerdicts) -> Rule {
        switch verdicts {
        case .uniform(let decision): return .always(decision)
        case .byPort(let entries, let otherwise, let dnsPrecedence):
            let portSet = PortSet(entries: entries)
            return .byPort(
                portSets.id(of: portSet, hash: portSet.stableHash), otherwise: otherwise, dnsPrecedence: dnsPrecedence)
        }
    }

    /// Sets what a key says; nil takes the entry away.
    mutating func set(_ key: RuleKey, _ verdicts: PortVerdicts?) { set(key, rule: verdicts.map { rule($0) }) }

    /// The same with a rule that `rule` gave since the table was last changed otherwise.
    mutating func set(_ key: RuleKey, rule new: Rule?) {
        let old = rules[key]
        guard old != new else { return }
        if case .byPort(let portSet, _, _)? = new { retain(portSet) }
        if case .byPort(let portSet, _, _)? = old { release(portSet) }
        rules[key] = new
        if new == nil {
            classes[key.policySet]?.remove(key.addressClass)
        } else if old == nil {
            classes[key.policySet, default: []].insert(key.addressClass)
        }
        changedRules[key] = .some(new)
    }

    /// The classes that a set has entries for, of addresses and of names.
    func classes(of policySet: PolicySetID) -> Set<AddressClassID> { classes[policySet] ?? [] }

    /// Takes every entry of a set away.
    mutating func forget(_ policySet: PolicySetID) {
        // Taken out first, so that it is not kept in step class by class.
        guard let all = classes.removeValue(forKey: policySet) else { return }
        for addressClass in all { set(RuleKey(policySet, addressClass), rule: nil) }
    }

    private mutating func retain(_ id: PortSetID) {
        guard portSets.retain(id), let portSet = portSets[id] else { return }
        for (prefix, decision) in portSet.entries {
            ports[PortKey(id, prefix)] = decision
            changedPorts[PortKey(id, prefix)] = .some(decision)
        }
    }

    private mutating func release(_ id: PortSetID) {
        guard let portSet = portSets[id], portSets.release(id) else { return }
        for prefix in portSet.entries.keys {
            ports[PortKey(id, prefix)] = nil
            changedPorts[PortKey(id, prefix)] = .some(nil)
        }
    }

    mutating func drainChanges() -> (rules: [RuleKey: Rule?], ports: [PortKey: Decision?]) {
        defer {
            changedRules = [:]
            changedPorts = [:]
        }
        return (changedRules, changedPorts)
    }

    /// The causes that any entry names.
    var causes: Set<CauseID> {
        var causes = Set(ports.values.map(\.cause))
        for rule in rules.values {
            switch rule {
            case .always(let decision): causes.insert(decision.cause)
            case .byPort(_, let otherwise, _): causes.insert(otherwise)
            }
        }
        return causes
    }
}
