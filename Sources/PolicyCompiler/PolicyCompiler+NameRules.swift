import PolicyModel
import VerdictTables

/// What every live set says about domain names. Without an entry it says nothing.
extension PolicyCompiler {
    mutating func settleNameRules(_ names: NameSpace.Changes) {
        for (id, set) in compiled where !set.domains.isEmpty {
            let classes = staleSets.contains(id) ? nameClasses(of: set) : names.newClasses
            for nameClass in classes { write(id, set, nameClass) }
            for gone in names.goneClasses {
                for privateAnswer in [false, true] { table.set(RuleKey(id, gone, privateAnswer: privateAnswer), nil) }
            }
        }
    }

    private func nameClasses(of set: CompiledSet) -> Set<NameClassID> {
        set.nameUses.keys.reduce(into: []) { $0.formUnion(nameSpace.classes(having: $1)) }
    }

    private mutating func write(_ id: PolicySetID, _ set: CompiledSet, _ nameClass: NameClassID) {
        let uses = nameSpace.peers(of: nameClass).compactMap { set.nameUses[$0] }
        for privateAnswer in [false, true] {
            func rules(_ places: [Int], of rules: [CompiledRule]) -> [CompiledRule] {
                // Several lists of one rule may hold the name.
                Set(places).sorted().map { rules[$0] }.filter { !privateAnswer || $0.allowsPrivateAnswers }
            }
            let admin = rules(uses.flatMap(\.admin), of: set.admin)
            let baseline = rules(uses.flatMap(\.baseline), of: set.baseline)
            let says = admin.isEmpty && baseline.isEmpty ? nil : PortVerdicts(admin: admin, baseline: baseline)
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
