extension TableChanges {
    /// The steps from tables that somebody left behind to those that are wanted.
    ///
    /// A compiler that knows what it changed lets every policy set learn a class
    /// before an address gets it. After a restart nobody knows the old sets'
    /// policies: a pod that moves to another set would meet the old set's default
    /// at addresses that have their new class already. So the sets that pods
    /// leave are first given what the sets they move to say, as far as those
    /// agree; then the pods move, and the old sets go.
    public static func repair(from old: VerdictTables, to new: VerdictTables) -> [TableChanges] {
        var moves: [PolicySetID: Set<PolicySetID>] = [:]
        for (cgroup, pod) in old.pods {
            guard let target = new.pods[cgroup]?.policySet, target != pod.policySet else { continue }
            moves[pod.policySet, default: []].insert(target)
        }
        let direct = TableChanges(from: old, to: new)
        guard !moves.isEmpty, !direct.addresses.isEmpty else { return direct.isEmpty ? [] : [direct] }

        var between = new
        between.pods = old.pods
        between.rules.merge(old.rules) { wanted, _ in wanted }
        between.ports.merge(old.ports) { wanted, _ in wanted }
        let stay = Set(new.rules.keys.map(\.policySet))
        let classes = Set(new.rules.keys.map(\.addressClass))
        for (set, targets) in moves where !stay.contains(set) {
            for addressClass in classes {
                let said = Set(
                    targets.map { target in
                        new.rules[RuleKey(target, addressClass)] ?? new.rules[RuleKey(target, .other)]
                    })
                if said.count == 1, let rule = said.first { between.rules[RuleKey(set, addressClass)] = rule }
            }
        }
        return [TableChanges(from: old, to: between), TableChanges(from: between, to: new)]
            .filter { !$0.isEmpty }
    }
}
