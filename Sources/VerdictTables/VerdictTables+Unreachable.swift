extension VerdictTables {
    /// Removals of the rules and ports that nothing here leads to: an agent that ends in the middle of a
    /// change, or before it has cleared up after one, leaves them behind.
    ///
    /// - Parameter desired: what it also holds is not among them.
    public func unreachable(butFor desired: VerdictTables) -> [TableWrite] {
        let sets = Set(pods.values.map(\.policySet))
        let classes = Set(addresses.values)
        func isReachable(_ key: RuleKey) -> Bool {
            // The layout's own numbers need no entry that leads to them.
            let hasSet = key.policySet.rawValue < PolicySetID.reserved || sets.contains(key.policySet)
            let hasClass = key.addressClass.rawValue < AddressClassID.reserved
                || key.addressClass.nameClass != nil || classes.contains(key.addressClass)
            return hasSet && hasClass
        }
        var portSets: Set<PortSetID> = []
        var removals: [TableWrite] = []
        for (key, rule) in rules {
            if isReachable(key) {
                if case .byPort(let portSet, _, _) = rule { portSets.insert(portSet) }
            } else if desired.rules[key] == nil {
                removals.append(.removeRule(key))
            }
        }
        for key in ports.keys where !portSets.contains(key.portSet) && desired.ports[key] == nil {
            removals.append(.removePort(key))
        }
        return removals
    }
}
