public import PolicyModel
public import VerdictTables

/// Compiles the cluster's objects into the kernel's tables, change by change.
///
/// A value without I/O or clock: the same changes in any order of arrival leave
/// the same tables. A pod that comes or goes with labels already seen changes
/// its own addresses and nothing else.
public struct PolicyCompiler: Sendable {
    private let options: CompilerOptions
    private var cluster = ClusterState()
    private(set) var space = AddressSpace()
    private var table = RuleTable()
    private(set) var causes = CauseBook()
    private let guards: GuardIndex

    private var sets = Interner<PolicySetID, PolicySetKey>()
    private(set) var compiled: [PolicySetID: CompiledSet] = [:]
    /// Sets whose rules must be worked out again for every class.
    private var staleSets: Set<PolicySetID> = []
    /// What addresses are about which rules must be asked again.
    private var stalePeerships: Set<PeershipID> = []
    private var staleServices: Set<NamespacedName> = []
    private var staleSubjects: Set<NamespacedName> = []
    private var serviceOf = ServiceIndex()

    /// The pods that verdicts are wanted for.
    public private(set) var subjects: [NamespacedName: Subject] = [:]

    public init(options: CompilerOptions = CompilerOptions()) {
        self.options = options
        var causes = CauseBook()
        guards = GuardIndex(options.guards) { causes.note($0) }
        self.causes = causes
        for guarded in options.guards {
            for prefix in guarded.prefixes { space.add(.guarded(guarded.name), at: prefix) }
        }
        for address in options.allowedNodeAddresses { space.add(.ownNode, at: Prefix(host: address)) }
        // Every node has this set, whether or not a pod of it is there yet:
        // cgroups whose pod is unknown are judged by it.
        compiled[.guardsOnly] = compile(PolicySetKey(policies: [], exempt: false))
        staleSets.insert(.guardsOnly)
    }

    /// The tables as they stand; `pods` stays empty, as cgroups are not known here.
    public var tables: VerdictTables {
        var tables = VerdictTables()
        tables.addresses = space.entries
        tables.rules = table.rules
        tables.ports = table.ports
        return tables
    }

    /// What a batch of changes came to, in the order in which it is to come
    /// into force: every policy set that a pod points to knows every class that
    /// an address has, at each step.
    public struct Update: Sendable {
        /// First: new sets and classes come in; old sets learn the new classes.
        public var arrivals: TableChanges
        /// Then subjects that are new or changed; nil for one that is gone.
        public var subjects: [NamespacedName: Subject?]
        /// Last: sets go that no subject points to any more.
        public var departures: TableChanges

        /// What both come to.
        public var tables: TableChanges { arrivals.followed(by: departures) }
    }

    /// Takes a batch of changes; objects set to what they were change nothing.
    public mutating func update(_ changes: [ClusterChange] = []) -> Update {
        for change in changes {
            switch change {
            case .set(let object): set(object)
            case .remove(let reference): remove(reference)
            }
        }
        let (subjects, leaving) = settleSubjects()
        let arrivals = settleTables()
        for id in leaving { leave(id) }
        let departures = leaving.isEmpty ? TableChanges() : settleTables()
        pruneCauses()
        return Update(arrivals: arrivals, subjects: subjects, departures: departures)
    }

    private mutating func settleTables() -> TableChanges {
        let addresses = space.settle()
        settleRules(addresses)
        var changes = TableChanges()
        changes.addresses = addresses.entries
        (changes.rules, changes.ports) = table.takeChanges()
        return changes
    }

    private mutating func pruneCauses() {
        let (table, compiled, guards) = (table, compiled, guards)
        // A compiled rule may come to be named in the table later.
        causes.prune {
            table.causes.union(guards.causes)
                .union(compiled.values.flatMap { $0.rules.map(\.cause) + [$0.last.decision.cause] })
        }
    }

    // MARK: Objects

    private mutating func set(_ object: ClusterObject) {
        switch object {
        case .namespace(let namespace): setNamespace(namespace.name, namespace)
        case .pod(let pod): setPod(pod.key, pod)
        case .service(let service): setService(service.key, service)
        case .endpointSlice(let slice): setSlice(slice.key, slice)
        case .networkPolicy(let policy): setPolicy(policy.key, policy)
        }
    }

    private mutating func remove(_ reference: ObjectReference) {
        switch reference.kind {
        case .namespace: setNamespace(reference.name, nil)
        case .pod: setPod(reference.key, nil)
        case .service: setService(reference.key, nil)
        case .endpointSlice: setSlice(reference.key, nil)
        case .networkPolicy: setPolicy(reference.key, nil)
        }
    }

    private mutating func setNamespace(_ name: String, _ namespace: Namespace?) {
        let before = cluster.labels(ofNamespace: name)
        cluster.namespaces[name] = namespace
        guard before != cluster.labels(ofNamespace: name) else { return }
        for pod in cluster.pods.values where pod.key.namespace == name {
            staleSubjects.insert(pod.key)
            if let group = pod.group { stalePeerships.insert(space.id(of: group)) }
        }
        staleServices.formUnion(cluster.services.keys)
    }

    private mutating func setPod(_ key: NamespacedName, _ pod: Pod?) {
        let old = cluster.pods[key]
        guard old != pod else { return }
        cluster.pods[key] = pod
        staleSubjects.insert(key)
        // Unchanged addresses are added before they are removed, so that
        // nothing shared is forgotten in between.
        if let group = pod?.group {
            for address in pod?.addresses ?? [] { space.add(group, at: Prefix(host: address)) }
        }
        if let group = old?.group {
            for address in old?.addresses ?? [] { space.remove(group, at: Prefix(host: address)) }
        }
    }

    private mutating func setService(_ key: NamespacedName, _ service: Service?) {
        let old = cluster.services[key]
        guard old != service else { return }
        cluster.services[key] = service
        func peership(_ address: IPAddress) -> Peership {
            .service(key.description, ipv4: address.isIPv4)
        }
        for address in service?.addresses ?? [] { space.add(peership(address), at: Prefix(host: address)) }
        for address in old?.addresses ?? [] { space.remove(peership(address), at: Prefix(host: address)) }
        staleServices.insert(key)
    }

    private mutating func setSlice(_ key: NamespacedName, _ slice: EndpointSlice?) {
        for service in cluster.setSlice(key, slice) {
            serviceOf.replace(service, addresses: cluster.backendAddresses(of: service))
            staleServices.insert(service)
        }
    }

    private mutating func setPolicy(_ key: NamespacedName, _ policy: NetworkPolicy?) {
        let old = cluster.policies[key.namespace]?[key.name]
        guard old != policy else { return }
        cluster.policies[key.namespace, default: [:]][key.name] = policy
        for pod in subjects.keys where pod.namespace == key.namespace { staleSubjects.insert(pod) }
    }

    // MARK: Policy sets

    /// - Returns: the subjects that changed, and the uses of sets that end.
    private mutating func settleSubjects() -> (
        changed: [NamespacedName: Subject?], leaving: [PolicySetID]
    ) {
        var changed: [NamespacedName: Subject?] = [:]
        var leaving: [PolicySetID] = []
        for key in staleSubjects {
            let old = subjects[key]
            var new: Subject?
            if let pod = cluster.pods[key], options.covers(pod) {
                let setKey = policySetKey(of: pod)
                new = subject(pod, adopt(setKey), setKey)
            }
            if let old { leaving.append(old.policySet) }
            guard old != new else { continue }
            subjects[key] = new
            changed[key] = .some(new)
        }
        staleSubjects = []
        return (changed, leaving)
    }

    private func policySetKey(of pod: Pod) -> PolicySetKey {
        let policies = pod.hostNetwork
            ? [] : cluster.policies[pod.key.namespace, default: [:]].values
                .filter { $0.isolatesEgress && $0.podSelector.matches(pod.labels) }
                .sorted { $0.key < $1.key }
        return PolicySetKey(
            policies: policies, exempt: options.exemptions.contains { $0.covers(pod) })
    }

    private func subject(_ pod: Pod, _ policySet: PolicySetID, _ key: PolicySetKey) -> Subject {
        let labels = cluster.labels(ofNamespace: pod.key.namespace)
        var flags: PodFlags = []
        if key.isolated { flags.insert(.isolated) }
        if labels[NamespaceLabel.enforcement] == "audit" { flags.insert(.audit) }
        if labels[NamespaceLabel.failFast] == "false" { flags.insert(.failSlow) }
        return Subject(
            key: pod.key, uid: pod.uid, hostNetwork: pod.hostNetwork, cgroupPath: pod.cgroupPath,
            addresses: pod.addresses, policySet: policySet, policies: key.policies.map(\.key),
            exempt: key.exempt, flags: flags)
    }

    /// Gains a use of the set; its first one brings its rules and blocks in.
    private mutating func adopt(_ key: PolicySetKey) -> PolicySetID {
        if !key.isolated && !key.exempt { return .guardsOnly }
        let id = sets.id(of: key, hash: key.stableHash)
        if sets.retain(id) {
            let set = compile(key)
            for block in set.blocks { space.add(block.peership, at: block.prefix, except: block.except) }
            compiled[id] = set
            staleSets.insert(id)
        }
        return id
    }

    private mutating func leave(_ id: PolicySetID) {
        guard sets.release(id), let set = compiled.removeValue(forKey: id) else { return }
        for block in set.blocks { space.remove(block.peership, at: block.prefix, except: block.except) }
        staleSets.insert(id)
    }

    private mutating func compile(_ key: PolicySetKey) -> CompiledSet {
        var rules: [CompiledRule] = []
        var blocks: [IPBlock] = []
        for policy in key.policies {
            for rule in policy.rules {
                let peers = rule.peers?.map { peer -> CompiledRule.CompiledPeer in
                    switch peer {
                    case .block(let block):
                        blocks.append(block)
                        return .block(space.id(of: block.peership), block)
                    case .pods(.own, let pods):
                        return .pods(
                            namespace: policy.key.namespace, selector: LabelSelector(), pods: pods)
                    case .pods(.matching(let selector), let pods):
                        return .pods(namespace: nil, selector: selector, pods: pods)
                    }
                }
                let name = policy.key.description
                rules.append(
                    CompiledRule(
                        policy: name, index: rule.index,
                        cause: causes.note(.rule(policy: name, rule: rule.index)), peers: peers,
                        ports: rule.ports))
            }
        }
        let last = key.isolated
            ? Decision(.deny, causes.note(.isolated(by: key.policies.map(\.key.description))))
            : Decision(.allow, causes.note(.notIsolated))
        return CompiledSet(
            key: key, rules: rules, blocks: blocks, last: Claim(pattern: .everything, decision: last))
    }

    // MARK: Rules

    private mutating func settleRules(_ addresses: AddressSpace.Changes) {
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
        for id in compiled.keys where !staleSets.contains(id) {
            write(id, staleClasses)
            for gone in addresses.goneClasses { table.set(RuleKey(id, gone), nil) }
        }
        for id in staleSets {
            if compiled[id] != nil {
                write(id, space.liveClasses)
                for gone in addresses.goneClasses { table.set(RuleKey(id, gone), nil) }
            } else {
                table.forget(id)
            }
        }
        staleSets = []
        stalePeerships = []
        staleServices = []
    }

    /// Writes what a set says about the classes, where that is not what it says
    /// about everything.
    private mutating func write(_ id: PolicySetID, _ classes: some Collection<AddressClassID>) {
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

extension Pod {
    /// What its addresses are to a selector; nil for a pod that is no peer.
    var group: Peership? {
        guard !hostNetwork, !finished, !addresses.isEmpty else { return nil }
        return .pods(namespace: key.namespace, labels: labels, ports: namedPorts)
    }
}
