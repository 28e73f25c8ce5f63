public import PolicyModel
public import VerdictTables

/// Compiles the cluster's objects into the kernel's tables, change by change.
///
/// A value without I/O or clock: the same changes in any order of arrival leave
/// the same tables. A pod that comes or goes with labels already seen changes
/// its own addresses and nothing else.
public struct PolicyCompiler: Sendable {
    let options: CompilerOptions
    public internal(set) var cluster = ClusterState()
    var addressTable = AddressTable()
    var domainNames = DomainNameTable()
    var table = RuleTable()
    var causes = CauseRegistry()
    let guards: GuardIndex

    var sets = Interner<PolicySetID, PolicySetKey>()
    var compiled: [PolicySetID: CompiledSet] = [:]
    /// Sets whose rules must be worked out again for every class.
    var staleSets: Set<PolicySetID> = []
    /// What addresses are about which rules must be asked again.
    var stalePeers: Set<PeerID> = []
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
    var metadata = ClusterMetadataDelta()

    /// The pods that verdicts are wanted for.
    public internal(set) var subjects: [NamespacedName: LocalPod] = [:]

    public init(options: CompilerOptions = CompilerOptions()) {
        self.options = options
        var causes = CauseRegistry()
        guards = GuardIndex(options.guards) { causes.intern($0) }
        self.causes = causes
        for guarded in options.guards {
            for prefix in guarded.prefixes { addressTable.add(.guarded(guarded.name), at: prefix) }
        }
        for address in options.allowedNodeAddresses { addressTable.add(.ownNode, at: Prefix(host: address)) }
        // Every node has this set, whether or not a pod of it is there yet:
        // cgroups whose pod is unknown are judged by it.
        compiled[.guardsOnly] = compile(PolicySetKey(direction: .egress))
        staleSets.insert(.guardsOnly)
    }

    /// The tables as they stand; `pods` stays empty, as cgroups are not known here.
    public var tables: VerdictTables {
        var tables = VerdictTables()
        tables.addresses = addressTable.entries
        tables.names = domainNames.entries
        tables.rules = table.rules
        tables.ports = table.ports
        return tables
    }

    /// The result of a batch of changes, in the order in which it comes into force: at each step, every policy
    /// set that a pod points to knows every class that an address has.
    public struct Update: Sendable {
        /// First: new sets and classes come in; old sets learn the new classes.
        public var additions: TableChanges
        /// Then subjects that are new or changed; nil for one that is gone.
        public var subjects: [NamespacedName: LocalPod?]
        /// Last: sets go that no subject points to any more.
        public var removals: TableChanges
        /// What names, labels and identifiers now stand for.
        public var metadata: ClusterMetadataDelta

        /// Both changes of the tables as one.
        public var tables: TableChanges { additions.followed(by: removals) }
    }

    /// The first two parts of an update; the third is for `reclaim`.
    public struct Additions: Sendable {
        public var tables: TableChanges
        public var subjects: [NamespacedName: LocalPod?]
        /// The uses of sets that end. Until they are handed to `reclaim`, the sets still learn new classes, for
        /// programs that found a pod with them and still run.
        public var unusedSets: [PolicySetID]
        public var metadata: ClusterMetadataDelta
    }

    /// Applies a batch of changes and reclaims the sets that it leaves unused. Objects set to what they were
    /// change nothing.
    public mutating func update(_ changes: [ClusterChange] = []) -> Update {
        let additions = apply(changes)
        let removals = reclaim(additions.unusedSets)
        var metadata = additions.metadata
        metadata.append(removals.metadata)
        return Update(
            additions: additions.tables, subjects: additions.subjects, removals: removals.tables, metadata: metadata)
    }

    /// Applies a batch of changes, and keeps the sets that no subject points to any more.
    public mutating func apply(_ changes: [ClusterChange]) -> Additions {
        for change in changes {
            switch change {
            case .set(let object): set(object)
            case .remove(let reference): remove(reference)
            }
        }
        return recompute(ended: [])
    }

    /// Whether something is left for `proceed`.
    public var hasUnfinished: Bool { !construction.isEmpty }

    /// Brings in, or takes out, the next part of what was too big for one go.
    public mutating func proceed() -> Additions { recompute(ended: proceedWithConstruction()) }

    /// - Parameter ended: uses of sets that end beside those of subjects.
    private mutating func recompute(ended: [PolicySetID]) -> Additions {
        let (subjects, unusedSets) = recomputeSubjects()
        let abandoned = abandonConstruction()
        let tables = recomputeTables()
        pruneCauses()
        return Additions(
            tables: tables, subjects: subjects, unusedSets: unusedSets + ended + abandoned, metadata: drainMetadata())
    }

    /// Ends these uses of sets, each once; sets without another use are removed.
    public mutating func reclaim(
        _ unusedSets: [PolicySetID]
    ) -> (tables: TableChanges, metadata: ClusterMetadataDelta) {
        guard !unusedSets.isEmpty else { return (TableChanges(), ClusterMetadataDelta()) }
        for id in unusedSets { releaseSet(id) }
        let tables = recomputeTables()
        pruneCauses()
        return (tables, drainMetadata())
    }

    private mutating func drainMetadata() -> ClusterMetadataDelta {
        metadata.causes = causes.drainUpdates()
        defer { metadata = ClusterMetadataDelta() }
        return metadata
    }

    private mutating func recomputeTables() -> TableChanges {
        let addresses = addressTable.flush()
        let names = domainNames.flush()
        recomputeRules(addresses)
        recomputeNameRules(names)
        staleSets = []
        for id in addresses.goneClasses { metadata.classes[id] = .some(nil) }
        for id in addresses.newClasses {
            metadata.classes[id] = .some(addressTable.identities(of: id).compactMap(addressTable.identity))
        }
        for id in names.goneClasses { metadata.nameClasses[id] = .some(nil) }
        for id in names.newClasses { metadata.nameClasses[id] = .some(domainNames.lists(of: id)) }
        var changes = TableChanges()
        changes.addresses = addresses.entries
        changes.names = names.entries
        (changes.rules, changes.ports) = table.drainChanges()
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
