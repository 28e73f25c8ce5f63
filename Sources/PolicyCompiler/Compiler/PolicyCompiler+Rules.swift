import PolicyModel
import VerdictTables

/// What every live set says about every live class.
extension PolicyCompiler {
    mutating func settleRules(_ addresses: AddressTable.Changes) {
        staleServices.formUnion(serviceOf.services(behind: addresses.entries.keys))
        var touched = stalePeerships
        for id in stalePeerships { touched.formUnion(serviceOf.services(before: id)) }
        for service in staleServices { touched.formUnion(link(service)) }

        var staleClasses = addresses.newClasses
        for id in touched { staleClasses.formUnion(space.classes(having: id)) }
        var destinations: [AddressClassID: Destination] = [:]
        for id in compiled.keys {
            if staleSets.contains(id) {
                write(id, &destinations)
            } else if !staleClasses.isEmpty {
                write(id, staleClasses, &destinations)
            }
            for gone in addresses.goneClasses { table.set(RuleKey(id, gone), nil) }
        }
        for id in staleSets where compiled[id] == nil { table.forget(id) }
        stalePeerships = []
        staleServices = []
    }

    /// Looks up what is behind a service now.
    /// - Returns: what the service's own addresses are.
    private mutating func link(_ key: NamespacedName) -> [PeershipID] {
        var links: [PeershipID: Set<PeershipID>] = [:]
        let endpoints = cluster.services[key] == nil ? [] : cluster.backendAddresses(of: key)
        for ipv4 in [true, false] {
            guard let id = space.known(.service(key, ipv4: ipv4)) else { continue }
            links[id] = endpoints.reduce(into: []) { members, address in
                if address.isIPv4 == ipv4 { members.formUnion(space.members(at: address)) }
            }
        }
        serviceOf.link(key, links)
        return Array(links.keys)
    }

    /// Writes all that a set says.
    private mutating func write(_ id: PolicySetID, _ destinations: inout [AddressClassID: Destination]) {
        guard let set = compiled[id] else { return }
        let mentions = RelevanceFilter(set: set, space: space, cluster: cluster, services: serviceOf)
        var classes = table.classes(of: id).filter { $0.nameClass == nil }
        for candidate in mentions.candidates { classes.formUnion(space.classes(having: candidate)) }
        write(id, classes, &destinations)
    }

    /// Writes what a set says about the classes, where that is not what it says about everything; that
    /// too, if the set is stale.
    ///
    /// - Parameter destinations: what is known of classes, for all sets.
    private mutating func write(
        _ id: PolicySetID, _ classes: Set<AddressClassID>, _ destinations: inout [AddressClassID: Destination]
    ) {
        guard let set = compiled[id] else { return }
        let mentions = RelevanceFilter(set: set, space: space, cluster: cluster, services: serviceOf)
        var mentioned: [(id: AddressClassID, destination: Destination)] = []
        for addressClass in classes where addressClass != .other {
            let members = space.peerships(of: addressClass)
            guard members.contains(where: mentions.mentions) else {
                table.set(RuleKey(id, addressClass), nil)
                continue
            }
            let known = destinations[addressClass] ?? destination(members)
            destinations[addressClass] = known
            mentioned.append((addressClass, known))
        }
        // Most sets have nothing to say about a class that comes.
        guard staleSets.contains(id) || !mentioned.isEmpty else { return }
        // Moved out and back, not copied.
        var notes = CauseRegistry()
        swap(&notes, &causes)
        defer { swap(&notes, &causes) }
        var memo: [[RuleOutcome]: Rule] = [:]
        var memoOfRules: [[Int]: Rule] = [:]
        let evaluation = Evaluation(set: set, cluster: cluster, guards: guards, cause: { notes.note($0) })
        func rule(_ destination: Destination, _ table: inout RuleTable) -> Rule {
            guard destination.identity.isBlocksAlone else { return evaluated(destination, &table) }
            let rules = set.rules(about: destination.identity.members)
            if let known = memoOfRules[rules] { return known }
            let rule = evaluated(destination, &table)
            memoOfRules[rules] = rule
            return rule
        }
        func evaluated(_ destination: Destination, _ table: inout RuleTable) -> Rule {
            let claims = evaluation.claims(about: destination)
            if let known = memo[claims] { return known }
            let rule = table.rule(PortVerdicts(claims, names: set.names))
            memo[claims] = rule
            return rule
        }
        let usual = rule(destination([]), &table)
        table.set(RuleKey(id, .other), rule: usual)
        for (addressClass, destination) in mentioned {
            let own = rule(destination, &table)
            table.set(RuleKey(id, addressClass), rule: own == usual ? nil : own)
        }
    }
}
