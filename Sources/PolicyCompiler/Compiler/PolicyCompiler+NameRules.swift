import PolicyModel
import VerdictTables

/// What every live set says about domain names. Without an entry it says nothing.
extension PolicyCompiler {
    mutating func recomputeNameRules(_ names: DomainNameTable.Changes) {
        for (id, set) in compiled where !set.domains.isEmpty {
            let classes = staleSets.contains(id) ? nameClasses(of: set) : names.newClasses
            for nameClass in classes { write(id, set, nameClass) }
            for gone in names.goneClasses {
                for privateAnswer in [false, true] { table.set(RuleKey(id, gone, privateAnswer: privateAnswer), nil) }
            }
        }
    }

    private func nameClasses(of set: CompiledSet) -> Set<NameClassID> {
        set.nameUses.keys.reduce(into: []) { $0.formUnion(domainNames.classes(having: $1)) }
    }

    private mutating func write(_ id: PolicySetID, _ set: CompiledSet, _ nameClass: NameClassID) {
        let uses = domainNames.peers(of: nameClass).compactMap { set.nameUses[$0] }
        for privateAnswer in [false, true] {
            // Several lists of one rule may hold the name.
            let rules = Set(uses.joined()).sorted().map { set.admin[$0] }
                .filter { !privateAnswer || $0.allowsPrivateAnswers }
            let says = rules.isEmpty ? nil : PortVerdicts(ofName: rules)
            table.set(RuleKey(id, nameClass, privateAnswer: privateAnswer), says)
        }
    }
}

extension CompiledRule {
    /// Its lists of domain names, if they count.
    var countedLists: Set<NamePeerID> {
        guard namePlace != nil else { return [] }
        return Set((peers ?? []).compactMap { if case .domains(let id) = $0 { id } else { nil } })
    }
}
