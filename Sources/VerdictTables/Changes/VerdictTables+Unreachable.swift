extension VerdictTables {
    /// Removals of rules and ports that nothing here leads to and nobody wants: an agent that ends in
    /// the middle of a change, or before it has cleared up after one, leaves them behind.
    ///
    /// Of a set that no pod has all rules are among them if one is, those too that are wanted:
    /// whoever leads to the set again puts it whole, by which `DeferredRemovals.revived` knows it.
    public func unreachable(butFor desired: VerdictTables) -> [TableWrite] {
        // The layout's own numbers need no entry that leads to them.
        let sets = Set(pods.values.map(\.policySet))
        func hasPod(_ set: PolicySetID) -> Bool { set.rawValue < PolicySetID.reserved || sets.contains(set) }
        let classes = Set(addresses.values)
        func hasAddress(_ some: AddressClassID) -> Bool {
            some.rawValue < AddressClassID.reserved || some.nameClass != nil || classes.contains(some)
        }
        let unwanted = rules.keys.filter { desired.rules[$0] == nil }
        let abandoned = Set(unwanted.map(\.policySet).filter { !hasPod($0) })
        var removals = Set(unwanted.filter { !hasAddress($0.addressClass) })
        var portSets: Set<PortSetID> = []
        for (key, rule) in rules where !removals.contains(key) {
            if abandoned.contains(key.policySet) {
                removals.insert(key)
            } else if case .byPort(let portSet, _, _) = rule {
                portSets.insert(portSet)
            }
        }
        let ports = ports.keys.filter { !portSets.contains($0.portSet) && desired.ports[$0] == nil }
        return removals.map { .removeRule($0) } + ports.map { .removePort($0) }
    }
}
