import PolicyModel
import VerdictTables

/// What every live set says about every live class.
extension PolicyCompiler {
    mutating func settleRules(_ addresses: AddressSpace.Changes) {
        var services = staleServices.filter { cluster.services[$0] != nil }
        services.formUnion(serviceOf.services(behind: addresses.entries.keys))
        let servicePeerships = Set(
            services.flatMap { service in
                [true, false].compactMap { space.known(.service(service.description, ipv4: $0)) }
            })

        let touched = stalePeerships.union(servicePeerships)
        var staleClasses = addresses.newClasses
        if !touched.isEmpty {
            for id in space.liveClasses
            where space.peerships(of: id).contains(where: touched.contains) { staleClasses.insert(id) }
        }
        for id in compiled.keys {
            if staleSets.contains(id) {
                write(id, space.liveClasses)
            } else if !staleClasses.isEmpty {
                write(id, staleClasses)
            }
            for gone in addresses.goneClasses { table.set(RuleKey(id, gone), nil) }
        }
        for id in staleSets where compiled[id] == nil { table.forget(id) }
        staleSets = []
        stalePeerships = []
        staleServices = []
    }

    /// Writes what a set says about the classes, where that is not what it says
    /// about everything.
    mutating func write(_ id: PolicySetID, _ classes: some Collection<AddressClassID>) {
        guard let set = compiled[id] else { return }
        // Moved out and back, not copied.
        var notes = CauseBook()
        swap(&notes, &causes)
        defer { swap(&notes, &causes) }
        var memo: [[Claim]: PortVerdicts] = [:]
        func verdicts(_ claims: [Claim]) -> PortVerdicts {
            if let known = memo[claims] { return known }
            let verdicts = PortVerdicts(claims)
            memo[claims] = verdicts
            return verdicts
        }
        let evaluation = Evaluation(
            set: set, space: space, cluster: cluster, guards: guards, cause: { notes.note($0) })
        let usual = verdicts(evaluation.claims(about: []))
        table.set(RuleKey(id, .other), usual)
        for addressClass in classes {
            let own = verdicts(evaluation.claims(about: space.peerships(of: addressClass)))
            table.set(RuleKey(id, addressClass), own == usual ? nil : own)
        }
    }
}
