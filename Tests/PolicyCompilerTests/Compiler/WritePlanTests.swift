import PolicyCompiler
import PolicyModel
import TestHarness
import Testing
import VerdictTables

/// Every write of a plan, one at a time: what does each flow see on the way?
@Suite struct WritePlanTests {
    enum Kind: String, CaseIterable {
        case pod, node, namespace, service, policyAdded, policyEdited, policyRemoved, tierAdded, tierEdited,
            tierRemoved, batch
    }

    /// How often a flow saw a verdict that was neither the old nor the new.
    struct Census {
        var steps = 0
        var third = 0
        /// Allowed before and after, denied in between.
        var gaps = 0
        /// Denied before and after, allowed in between.
        var leaks = 0
        var firstNote: String?
    }

    @Test("no address sees a third class") func noAddressSeesAThirdClass() {
        var random = SplitMix64(seed: chosenSeed)
        for _ in 0..<200 {
            let old = Self.addresses(&random), new = Self.addresses(&random)
            let plan = WritePlan(TableChanges(from: old, to: new), addresses: old.addresses, names: old.names)
            let sample = Set((old.addresses.keys.map { $0 } + new.addresses.keys).flatMap(\.edges)).sorted()
            var live = old
            for write in plan.writes + plan.deferred {
                live.apply(write)
                for address in sample {
                    let seen = live.addressClass(of: address)
                    if seen != old.addressClass(of: address), seen != new.addressClass(of: address) {
                        Issue.record("seed \(chosenSeed): \(address) saw \(seen) after \(write)")
                        return
                    }
                }
            }
            #expect(live.addresses == new.addresses)
        }
    }

    private static func addresses(_ random: inout SplitMix64) -> VerdictTables {
        var tables = VerdictTables()
        for _ in 0..<random.number(0...8) {
            let prefix = Prefix(
                random.pick(Alphabet.podAddresses), length: random.pick([96, 104, 120, 124, 126, 127, 128]))
            tables.addresses[prefix] = AddressClassID(rawValue: UInt64(random.number(20...25)))
        }
        return tables
    }

    /// One object changes at a time, as the agent applies them when it can.
    @Test("flows on the way", arguments: Kind.allCases)
    func flowsOnTheWay(kind: Kind) throws {
        let census = try census(of: kind, "write plans", Self.steps)
        if Self.strict.contains(kind) {
            #expect(census.third == 0, "\(census.firstNote ?? "")")
        }
    }

    /// An agent that starts again knows only what the kernel holds and what it
    /// shall hold. Where pods of one set move to sets that disagree, it cannot
    /// know better than the old set's default; everything else must be exact. What the
    /// earlier agent had yet to remove is still there.
    @Test("flows on the way of a repair", arguments: Kind.allCases)
    func flowsOnTheWayOfARepair(kind: Kind) throws {
        let census = try census(of: kind, "repairs", leavingBehind: true) { _, old, new in
            var known = old.tables
            for removal in known.unreachable(butFor: new.tables) { known.apply(removal) }
            return TableChanges.repair(from: known, to: new.tables)
        }
        if Self.strictRepairs.contains(kind) {
            #expect(census.third == 0, "\(census.firstNote ?? "")")
        }
    }

    static let strictRepairs: Set<Kind> = [.namespace, .service]

    /// - Parameter leavingBehind: whether what nothing leads to any more stays when a change is over.
    private func census(
        of kind: Kind, _ title: String, leavingBehind: Bool = false,
        _ steps: (PolicyCompiler.Update, State, State) -> [TableChanges]
    ) throws -> Census {
        var census = Census()
        var abandoned = 0
        var rounds: UInt64 = 0
        var plans = 0
        while plans < 40 && rounds < 400 {
            rounds += 1
            let seed = chosenSeed &+ rounds
            var cluster = RandomCluster(seed: seed, size: 60)
            var compiler = PolicyCompiler(options: cluster.options)
            _ = compiler.update(cluster.sortedObjects.map { .set($0) })
            var earlier = VerdictTables()
            for _ in 0..<12 {
                let before = cluster
                let changes = (0..<(kind == .batch ? 6 : 1)).map { _ in cluster.change() }
                var old = State(compiler, before)
                defer { earlier = old.tables }
                if leavingBehind { old.tables.addUnreachable(of: earlier) }
                let update = compiler.update(changes)
                guard kind == .batch || changes.first.map({ Self.kind(of: $0, before) }) == kind else { continue }
                let new = State(compiler, cluster)
                plans += 1
                let flows = RandomFlows(about: before.sortedObjects + cluster.sortedObjects)
                let left = leavingBehind ? old.tables.unreachable(butFor: new.tables) : []
                abandoned += left.count
                try walk(old, new, left, steps(update, old, new), flows, seed, &census, "\(changes)")
            }
        }
        print(
            "\(title), \(kind.rawValue): \(plans) plans, \(census.steps) verdicts on the way,",
            "\(census.third) neither old nor new (\(census.gaps) gaps, \(census.leaks) leaks)")
        #expect(plans > 0 && (abandoned > 0) == leavingBehind)
        return census
    }

    /// The kinds of change in which no flow may see a third verdict.
    static let strict = Set(Kind.allCases).subtracting([.batch])

    private static func kind(of change: ClusterChange, _ before: RandomCluster) -> Kind {
        let reference =
            switch change {
            case .set(let object): object.reference
            case .remove(let reference): reference
            }
        switch reference.kind {
        case .pod: return .pod
        case .namespace: return .namespace
        case .node: return .node
        // Says nothing of packets.
        case .runtimeClass: return .batch
        case .service, .endpointSlice: return .service
        case .networkPolicy:
            if case .remove = change { return .policyRemoved }
            return before.objects[reference] == nil ? .policyAdded : .policyEdited
        case .clusterNetworkPolicy, .adminNetworkPolicy, .baselineAdminNetworkPolicy:
            if case .remove = change { return .tierRemoved }
            return before.objects[reference] == nil ? .tierAdded : .tierEdited
        }
    }

    struct State {
        var tables: VerdictTables
        /// Every pod's own addresses: the kernel decides about those before it
        /// asks the tables.
        var own: [CgroupID: Set<IPAddress>] = [:]

        /// Cgroups are made up from the pods' names.
        init(_ compiler: PolicyCompiler, _ cluster: RandomCluster) {
            tables = compiler.tables
            for subject in compiler.subjects.values {
                tables.pods[Self.cgroup(subject.key)] = subject.entry
                own[Self.cgroup(subject.key)] = Set(subject.addresses)
            }
        }

        static func cgroup(_ key: NamespacedName) -> CgroupID {
            CgroupID(rawValue: key.description.utf8.reduce(1) { $0 &* 131 &+ UInt64($1) })
        }
    }

    /// As the agent takes them: arrivals and pods, departures.
    private static func steps(_ update: PolicyCompiler.Update, _ old: State, _ new: State) -> [TableChanges] {
        var pods = TableChanges()
        pods.pods = TableChanges(from: old.tables, to: new.tables).pods
        return [update.additions.followed(by: pods), update.removals]
    }

    private func walk(
        _ old: State, _ new: State, _ left: [TableWrite], _ steps: [TableChanges], _ source: RandomFlows,
        _ seed: UInt64, _ census: inout Census, _ note: String
    ) throws {
        var random = SplitMix64(seed: seed)
        // Pods that are there before and after: the others start or stop anyway.
        let pods = old.tables.pods.keys.filter { new.tables.pods[$0] != nil }.sorted()
        guard !pods.isEmpty else { return }
        let flows = (0..<150).map { _ in (random.pick(pods), source.next(&random)) }.filter { pod, flow in
            old.own[pod]?.contains(flow.address) != true && new.own[pod]?.contains(flow.address) != true
        }
        let lengths = Set((old.tables.addresses.keys.map { $0 } + new.tables.addresses.keys).map(\.length)).sorted(
            by: >)
        var live = LiveTables(tables: old.tables, lengths: lengths)
        let before = try flows.map { try live.action($0, $1) }
        let after = try flows.map { try LiveTables(tables: new.tables, lengths: lengths).action($0, $1) }
        var removals = DeferredRemovals()
        for removal in left { removals.add(removal) }
        for step in steps.map(Optional.some) + [nil] {
            let plan = step.map {
                WritePlan($0, addresses: live.tables.addresses, names: live.tables.names, earlier: removals)
            }
            // At the end, what was left before the first step.
            for write in plan.map({ $0.writes + $0.deferred }) ?? removals.drain(through: removals.mark()) {
                live.tables.apply(write)
                removals.record(write)
                for (index, (pod, flow)) in flows.enumerated() {
                    let seen = try live.action(pod, flow)
                    census.steps += 1
                    if seen == before[index] || seen == after[index] { continue }
                    census.third += 1
                    if before[index] == .allow && after[index] == .allow { census.gaps += 1 }
                    if before[index] != .allow && after[index] != .allow && seen == .allow { census.leaks += 1 }
                    census.firstNote =
                        census.firstNote
                        ?? "SLUICE_SEED \(seed): \(flow) was \(before[index]), will be \(after[index]), saw \(seen) after \(write); \(note)"
                }
            }
        }
        #expect(live.tables == new.tables)
    }
}

extension VerdictTables {
    /// Adds what other tables hold and nothing here leads to.
    fileprivate mutating func addUnreachable(of other: VerdictTables) {
        var all = self
        all.rules.merge(other.rules) { mine, _ in mine }
        all.ports.merge(other.ports) { mine, _ in mine }
        for removal in all.unreachable(butFor: self) {
            switch removal {
            case .removeRule(let key): rules[key] = all.rules[key]
            case .removePort(let key): ports[key] = all.ports[key]
            default: break
            }
        }
    }
}
