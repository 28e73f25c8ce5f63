import PolicyModel
import VerdictTables

/// What every live set says about domain names. Without an entry it says nothing.
extension PolicyCompiler {
    mutating func settleNameRules(_ names: NameSpace.Changes) {
        for (id, set) in compiled where !set.domains.isEmpty {
            let ids = set.domains.map { nameSpace.id(of: $0) }
            var classes = ids.reduce(into: Set<NameClassID>()) { $0.formUnion(nameSpace.classes(having: $1)) }
            if !staleSets.contains(id) { classes.formIntersection(names.newClasses) }
            for nameClass in classes { write(id, set, nameClass) }
            for gone in names.goneClasses { forget(id, gone) }
        }
    }

    private mutating func write(_ id: PolicySetID, _ set: CompiledSet, _ nameClass: NameClassID) {
        let peers = Set(nameSpace.peers(of: nameClass))
        for privateAnswer in [false, true] {
            func rules(_ rules: [CompiledRule]) -> [CompiledRule] {
                rules.filter { $0.accepts(peers) && (!privateAnswer || $0.allowsPrivateAnswers) }
            }
            let (admin, baseline) = (rules(set.admin), rules(set.baseline))
            let says = admin.isEmpty && baseline.isEmpty ? nil : PortVerdicts(admin: admin, baseline: baseline)
            table.set(RuleKey(id, nameClass, privateAnswer: privateAnswer), says)
        }
    }

    private mutating func forget(_ id: PolicySetID, _ nameClass: NameClassID) {
        for privateAnswer in [false, true] {
            table.set(RuleKey(id, nameClass, privateAnswer: privateAnswer), nil)
        }
    }
}

extension CompiledRule {
    /// Whether a peer of it is one of these lists of domain names.
    fileprivate func accepts(_ lists: Set<NamePeerID>) -> Bool {
        guard namePlace != nil else { return false }
        return peers?.contains { peer in
            if case .domains(let id) = peer { lists.contains(id) } else { false }
        } ?? false
    }
}
