public import PolicyModel
public import VerdictTables

/// Compiles the cluster's objects into the kernel's tables, change by change.
///
/// A value without I/O or clock: the same changes in any order of arrival leave
/// the same tables. A pod that comes or goes with labels already seen changes
/// its own addresses and nothing else.
public struct PolicyCompiler: Sendable {
    let options: CompilerOptions
    var cluster = ClusterState()
    var space = AddressTable()
    var nameSpace = DomainNameTable()
    var table = RuleTable()
    var causes = CauseRegistry()
    let guards: GuardIndex

    var sets = Interner<PolicySetID, PolicySetKey>()
    var compiled: [PolicySetID: CompiledSet] = [:]
    /// Sets whose rules must be worked out again for every class.
    var staleSets: Set<PolicySetID> = []
    /// What addresses are about which rules must be asked again.
    var stalePeerships: Set<PeershipID> = []
    var staleServices: Set<NamespacedName> = []
    var staleSubjects: Set<NamespacedName> = []
    var serviceOf = ServiceIndex()
    /// What policies are to the compiler, apart from what they say.
    var appraisals: [PolicySide: Appraisal] = [:]
    /// What is wrong with what sets' policies ask for together, by set.
    var excesses: [PolicySetID: [ObjectReference: Diagnostic]] = [:]
    /// Services that have more endpoints than one may.
    var crowdedServices: [NamespacedName: Diagnostic] = [:]
    var construction = Construction()
    /// How many blocks are brought in, or taken out, in one go; nil for all. Pods keep
    /// their old set until all blocks of the new one are in: see `proceed`.
    public var partSize: Int?
    var nodeSelectors = NodeSelectors()
    /// Since the last update.
    var nameChanges = ClusterMetadataDelta()

    /// The pods that verdicts are wanted for.
    public internal(set) var subjects: [NamespacedName: LocalPod] = [:]

    public init(options: CompilerOptions = CompilerOptions()) {
        self.options = options
        var causes = CauseRegistry()
        guards = GuardIndex(options.guards) { causes.note($0) }
        self.causes = causes
        for guarded in options.guards {
            for prefix in guarded.prefixes { space.add(.guarded(guarded.name), at: prefix) }
        }
        for address in options.allowedNodeAddresses { space.add(.ownNode, at: Prefix(host: address)) }
        // Every node has this set, whether or not a pod of it is there yet:
        // cgroups whose pod is unknown are judged by it.
        compiled[.guardsOnly] = compile(PolicySetKey(direction: .egress))
        staleSets.insert(.guardsOnly)
    }

    /// The tables as they stand; `pods` stays empty, as cgroups are not known here.
    public var tables: VerdictTables {
        var tables = VerdictTables()
        tables.addresses = space.entries
        tables.names = nameSpace.entries
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
        public var subjects: [NamespacedName: LocalPod?]
        /// Last: sets go that no subject points to any more.
        public var departures: TableChanges
        /// What is to be called otherwise than before.
        public var names: ClusterMetadataDelta

        /// What both come to.
        public var tables: TableChanges { arrivals.followed(by: departures) }
    }

    /// The first two parts of an update; the third is for `depart`.
    public struct Additions: Sendable {
        public var tables: TableChanges
        public var subjects: [NamespacedName: LocalPod?]
        /// The uses of sets that end. Until they are handed to `depart` the sets
        /// learn what there is to learn, for programs that found a pod with them and still run.
        public var leaving: [PolicySetID]
        public var names: ClusterMetadataDelta
    }

    /// Takes a batch of changes; objects set to what they were change nothing.
    public mutating func update(_ changes: [ClusterChange] = []) -> Update {
        let arrival = arrive(changes)
        let departure = depart(arrival.leaving)
        var names = arrival.names
        names.append(departure.names)
        return Update(
            arrivals: arrival.tables, subjects: arrival.subjects, departures: departure.tables, names: names)
    }

    /// Takes a batch of changes, and keeps the sets that no subject points to any more.
    public mutating func arrive(_ changes: [ClusterChange]) -> Additions {
        for change in changes {
            switch change {
            case .set(let object): set(object)
            case .remove(let reference): remove(reference)
            }
        }
        return settle(ended: [])
    }

    /// Whether something is left for `proceed`.
    public var hasUnfinished: Bool { !construction.isEmpty }

    /// Brings in, or takes out, the next part of what was too big for one go.
    public mutating func proceed() -> Additions { settle(ended: proceedWithConstruction()) }

    /// - Parameter ended: uses of sets that end beside those of subjects.
    private mutating func settle(ended: [PolicySetID]) -> Additions {
        let (subjects, leaving) = recomputeSubjects()
        let abandoned = abandonConstruction()
        let tables = recomputeTables()
        pruneCauses()
        return Additions(
            tables: tables, subjects: subjects, leaving: leaving + ended + abandoned, names: takeNames())
    }

    /// Ends these uses of sets, each once; the sets that have no other go.
    public mutating func depart(_ leaving: [PolicySetID]) -> (tables: TableChanges, names: ClusterMetadataDelta) {
        guard !leaving.isEmpty else { return (TableChanges(), ClusterMetadataDelta()) }
        for id in leaving { releaseSet(id) }
        let tables = recomputeTables()
        pruneCauses()
        return (tables, takeNames())
    }

    /// A pod as the changes so far leave it.
    public func pod(_ key: NamespacedName) -> Pod? { cluster.pods[key] }

    /// The same as those who name things have it.
    public func record(_ key: NamespacedName) -> PodRecord? { cluster.pods.record(key) }

    private mutating func takeNames() -> ClusterMetadataDelta {
        nameChanges.causes = causes.drainUpdates()
        defer { nameChanges = ClusterMetadataDelta() }
        return nameChanges
    }

    private mutating func recomputeTables() -> TableChanges {
        let addresses = space.settle()
        let names = nameSpace.settle()
        recomputeRules(addresses)
        recomputeNameRules(names)
        staleSets = []
        for id in addresses.goneClasses { nameChanges.classes[id] = .some(nil) }
        for id in addresses.newClasses {
            nameChanges.classes[id] = .some(space.peerships(of: id).compactMap(space.peership))
        }
        for id in names.goneClasses { nameChanges.nameClasses[id] = .some(nil) }
        for id in names.newClasses { nameChanges.nameClasses[id] = .some(nameSpace.lists(of: id)) }
        var changes = TableChanges()
        changes.addresses = addresses.entries
        changes.names = names.entries
        (changes.rules, changes.ports) = table.takeChanges()
        return changes
    }

    private mutating func pruneCauses() {
        let (table, compiled, guards) = (table, compiled, guards)
        // A compiled rule may come to be named in the table later.
        causes.prune {
            table.causes.union(guards.causes)
                .union(compiled.values.flatMap(\.causes))
        }
    }
}
