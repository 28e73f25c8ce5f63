extension TableChanges {
    /// The steps from tables that somebody left behind to those that are wanted.
    ///
    /// A compiler that knows what it changed lets every policy set learn a class
    /// before an address gets it. After a restart nobody knows the old sets'
    /// policies, and a pod that moves to another set would meet the default of
    /// one set at addresses of the other's classes. So each pair of an old set
    /// and a new one gets a set to pass through, which says what the old one said
    /// of old classes and what the new one says of new ones:
    /// 1. pods move to it: nothing changes;
    /// 2. addresses and names get their new classes;
    /// 3. its default and the classes that stay change, then old prefixes go;
    /// 4. pods move on, and what nobody points to goes.
    ///
    /// Each address goes from its old verdict to its new one at one write, but for
    /// an address that moves into a class which stays while its rule changes, and
    /// one that domain names open while rules for names are numbered anew.
    public static func repair(from old: VerdictTables, to new: VerdictTables) -> [TableChanges] {
        var passages: [Passage: PolicySetID] = [:]
        var passing = old
        for (cgroup, pod) in old.pods {
            guard let target = new.pods[cgroup]?.policySet, target != pod.policySet else { continue }
            let passage = Passage(from: pod.policySet, to: target)
            passages[passage] = passage.id
            passing.pods[cgroup]?.policySet = passage.id
        }
        let direct = TableChanges(from: old, to: new)
        guard !passages.isEmpty, !direct.addresses.isEmpty || !direct.names.isEmpty else {
            return direct.isEmpty ? [] : [direct]
        }

        let oldClasses = Set(old.addresses.values).union([.other])
        let newClasses = Set(new.addresses.values)
        passing.rules.merge(new.rules) { left, _ in left }
        passing.ports.merge(new.ports) { left, _ in left }
        for (passage, id) in passages {
            for addressClass in newClasses {
                passing.rules[RuleKey(id, addressClass)] = new.effectiveRule(passage.to, addressClass)
            }
            for addressClass in oldClasses {
                passing.rules[RuleKey(id, addressClass)] = old.effectiveRule(passage.from, addressClass)
            }
            for nameClass in new.nameClasses { passing.copyRule(of: nameClass, from: new, passage.to, to: id) }
            for nameClass in old.nameClasses { passing.copyRule(of: nameClass, from: old, passage.from, to: id) }
        }
        var addressed = passing
        addressed.addresses.merge(new.addresses) { $1 }
        addressed.names.merge(new.names) { $1 }
        var settled = addressed
        settled.rules.merge(new.rules) { $1 }
        for (passage, id) in passages {
            for addressClass in newClasses.union([.other]) {
                settled.rules[RuleKey(id, addressClass)] = new.effectiveRule(passage.to, addressClass)
            }
            for nameClass in new.nameClasses { settled.copyRule(of: nameClass, from: new, passage.to, to: id) }
        }
        settled.addresses = new.addresses
        settled.names = new.names
        return zip([old, passing, addressed, settled], [passing, addressed, settled, new])
            .map { TableChanges(from: $0, to: $1) }.filter { !$0.isEmpty }
    }
}

/// A pair of policy sets, and the set in between.
private struct Passage: Hashable {
    var from: PolicySetID
    var to: PolicySetID

    var id: PolicySetID {
        // Any number that no other set has; sets' own are spread over 64 bits.
        let mixed = (from.rawValue &* 0x9e37_79b9_7f4a_7c15) ^ (to.rawValue &+ 0x2545_f491_4f6c_dd1d)
        return PolicySetID(rawValue: max(mixed, 16))
    }
}

extension VerdictTables {
    fileprivate func effectiveRule(_ set: PolicySetID, _ addressClass: AddressClassID) -> Rule? {
        rules[RuleKey(set, addressClass)] ?? rules[RuleKey(set, .other)]
    }

    /// Classes of names as `rules` has them.
    fileprivate var nameClasses: Set<AddressClassID> {
        Set(names.values.flatMap { name in [false, true].map { name.inRules(privateAnswer: $0) } })
    }

    /// Says of a class of names what other tables say; without an entry nothing is said.
    fileprivate mutating func copyRule(
        of nameClass: AddressClassID, from tables: VerdictTables, _ set: PolicySetID, to id: PolicySetID
    ) {
        rules[RuleKey(id, nameClass)] = tables.rules[RuleKey(set, nameClass)]
    }
}
