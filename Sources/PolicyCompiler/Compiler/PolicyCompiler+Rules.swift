import PolicyModel
import VerdictTables

/// What every live set says about every live class.
extension PolicyCompiler {
    mutating func recomputeRules(_ addresses: AddressTable.Changes) {
        staleServices.formUnion(serviceOf.services(behind: addresses.entries.keys))
        var touched = stalePeers
        for id in stalePeers { touched.formUnion(serviceOf.services(before: id)) }
        for service in staleServices { touched.formUnion(link(service)) }

        var staleClasses = addresses.newClasses
        for id in touched { staleClasses.formUnion(addressTable.classes(having: id)) }
        var remotes: [AddressClassID: RemoteEnd] = [:]
        for id in compiled.keys {
            if staleSets.contains(id) {
                write(id, &remotes)
            } else if !staleClasses.isEmpty {
                write(id, staleClasses, &remotes)
            }
            for gone in addresses.goneClasses { table.set(RuleKey(id, gone), nil) }
        }
        for id in staleSets where compiled[id] == nil { table.forget(id) }
        stalePeers = []
        staleServices = []
    }

    /// Looks up what is behind a service now.
    /// - Returns: what the service's own addresses are.
    private mutating func link(_ key: NamespacedName) -> [PeerID] {
        var links: [PeerID: Set<PeerID>] = [:]
        let endpoints = cluster.services[key] == nil ? [] : cluster.backendAddresses(of: key)
        for ipv4 in [true, false] {
            guard let id = addressTable.known(.service(key, ipv4: ipv4)) else { continue }
            links[id] = endpoints.reduce(into: []) { members, address in
                if address.isIPv4 == ipv4 { members.formUnion(addressTable.members(at: address)) }
            }
        }
        serviceOf.link(key, links)
        return Array(links.keys)
    }

    /// Writes all that a set says.
    private mutating func write(_ id: PolicySetID, _ remotes: inout [AddressClassID: RemoteEnd]) {
        guard let set = compiled[id] else { return }
        let mentions = RelevanceFilter(set: set, addressTable: addressTable, cluster: cluster, services: serviceOf)
        var classes = table.classes(of: id).filter { $0.nameClass == nil }
        for candidate in mentions.candidates { classes.formUnion(addressTable.classes(having: candidate)) }
        write(id, classes, &remotes)
    }

    /// Writes what a set says about the classes, where that is not what it says about everything; that
    /// too, if the set is stale.
    ///
    /// - Parameter remotes: what is known of classes, for all sets.
    private mutating func write(
        _ id: PolicySetID, _ classes: Set<AddressClassID>, _ remotes: inout [AddressClassID: RemoteEnd]
    ) {
        guard let set = compiled[id] else { return }
        let mentions = RelevanceFilter(set: set, addressTable: addressTable, cluster: cluster, services: serviceOf)
        var mentioned: [(id: AddressClassID, remote: RemoteEnd)] = []
        for addressClass in classes where addressClass != .other {
            let members = addressTable.identities(of: addressClass)
            guard members.contains(where: mentions.mentions) else {
                table.set(RuleKey(id, addressClass), nil)
                continue
            }
            let known = remotes[addressClass] ?? remoteEnd(members)
            remotes[addressClass] = known
            mentioned.append((addressClass, known))
        }
        // Most sets have nothing to say about a class that comes.
        guard staleSets.contains(id) || !mentioned.isEmpty else { return }
        // Moved out and back, not copied.
        var registry = CauseRegistry()
        swap(&registry, &causes)
        defer { swap(&registry, &causes) }
        var memo: [[RuleOutcome]: Rule] = [:]
        var memoOfRules: [[Int]: Rule] = [:]
        let evaluation = Evaluation(set: set, cluster: cluster, guards: guards, cause: { registry.intern($0) })
        func rule(_ remote: RemoteEnd, _ table: inout RuleTable) -> Rule {
            guard remote.identity.isBlocksAlone else { return evaluated(remote, &table) }
            let rules = set.rules(about: remote.identity.members)
            if let known = memoOfRules[rules] { return known }
            let rule = evaluated(remote, &table)
            memoOfRules[rules] = rule
            return rule
        }
        func evaluated(_ remote: RemoteEnd, _ table: inout RuleTable) -> Rule {
            let outcomes = evaluation.outcomes(about: remote)
            if let known = memo[outcomes] { return known }
            let rule = table.rule(PortVerdicts(outcomes, dnsRuleCount: set.dnsRuleCount))
            memo[outcomes] = rule
            return rule
        }
        let usual = rule(remoteEnd([]), &table)
        table.set(RuleKey(id, .other), rule: usual)
        for (addressClass, remote) in mentioned {
            let own = rule(remote, &table)
            table.set(RuleKey(id, addressClass), rule: own == usual ? nil : own)
        }
    }
}
