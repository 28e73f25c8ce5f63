import PolicyCompiler
import PolicyModel
import TestHarness
import Testing
import VerdictTables

/// Changes and the removal of what they leave behind, in any order: no verdict hangs on what is left, no
/// program that runs misses what it was led to, and in the end nothing is left.
@Suite struct ClearingUpTests {
    @Test("any order is right", arguments: 0..<8 as Range<UInt64>) func anyOrderIsRight(round: UInt64) throws {
        let seed = chosenSeed &+ round
        var random = SplitMix64(seed: seed)
        var node = ClearedNode(seed: seed)
        var left = 0
        for step in 0..<60 {
            switch random.number(0...5) {
            case 0...2: node.change(random.number(1...3))
            case 3: node.startProgram()
            case 4: node.mark()
            default: node.clearUp()
            }
            left = max(left, node.removals.count)
            try node.check(&random, "SLUICE_SEED \(seed), step \(step)")
        }
        #expect(left > 0, "else this proves nothing")
        while !node.isClear {
            node.mark()
            node.clearUp()
        }
        var fresh = PolicyCompiler(options: node.cluster.options)
        _ = fresh.update(node.cluster.sortedObjects.map { .set($0) })
        #expect(node.live.rules == fresh.tables.rules && node.live.ports == fresh.tables.ports, "seed \(seed)")
        #expect(node.live.addresses == fresh.tables.addresses && node.live.names == fresh.tables.names)
        #expect(node.live.pods == node.desired.pods)
    }
}

/// What the agent and its driver do, without a kernel: `live` is what the maps would hold.
private struct ClearedNode {
    private(set) var cluster: RandomCluster
    private var compiler: PolicyCompiler
    private(set) var live = VerdictTables()
    private(set) var removals = DeferredRemovals()
    private var unusedSets: [PolicySetID] = []
    private var marked: (mark: DeferredRemovals.Mark, unusedSets: [PolicySetID], programs: Int)?
    /// What programs that still run may have found, the oldest first.
    private var programs: [VerdictTables] = []

    init(seed: UInt64) {
        cluster = RandomCluster(seed: seed, size: 40)
        compiler = PolicyCompiler(options: cluster.options)
        let additions = compiler.apply(cluster.sortedObjects.map { .set($0) })
        unusedSets = additions.unusedSets
        apply(additions.tables)
    }

    /// What the maps shall hold; the pods' cgroups are made up from their names.
    var desired: VerdictTables {
        var tables = compiler.tables
        for subject in compiler.subjects.values {
            tables.pods[WritePlanTests.State.cgroup(subject.key)] = subject.entry
        }
        return tables
    }

    var isClear: Bool { removals.isEmpty && unusedSets.isEmpty && marked == nil }

    mutating func change(_ count: Int) {
        let changes = (0..<count).map { _ in cluster.change() }
        let additions = compiler.apply(changes)
        unusedSets += additions.unusedSets
        apply(additions.tables)
    }

    private mutating func apply(_ tables: TableChanges) {
        var changes = tables
        changes.pods = TableChanges(from: pods(of: live), to: pods(of: desired)).pods
        let plan = WritePlan(changes, addresses: live.addresses, names: live.names, earlier: removals)
        for write in plan.writes {
            perform(write)
            // A change of verdict, which programs may meet before or after.
            guard case .removeRule(let key) = write else { continue }
            for index in programs.indices { programs[index].rules[key] = nil }
        }
        for write in plan.deferred { removals.add(write) }
    }

    private func pods(of tables: VerdictTables) -> VerdictTables {
        var alone = VerdictTables()
        alone.pods = tables.pods
        return alone
    }

    private mutating func perform(_ write: TableWrite) {
        live.apply(write)
        removals.record(write)
    }

    /// One that starts now is not led to what is left.
    mutating func startProgram() {
        var found = live
        removals.subtract(from: &found)
        programs.append(found)
    }

    mutating func mark() {
        guard marked == nil else { return }
        marked = (removals.mark(), unusedSets, programs.count)
        unusedSets = []
    }

    mutating func clearUp() {
        guard let (mark, gone, ended) = marked else { return }
        marked = nil
        programs.removeFirst(ended)
        for write in removals.drain(through: mark) { perform(write) }
        apply(compiler.reclaim(gone).tables)
    }

    func check(_ random: inout SplitMix64, _ note: String) throws {
        let desired = desired
        let flows = RandomFlows(about: cluster.sortedObjects)
        let pods = desired.pods.keys.sorted()
        try #require(live.pods == desired.pods && live.addresses == desired.addresses, "\(note)")
        for _ in 0..<(pods.isEmpty ? 0 : 40) {
            let (pod, flow) = (random.pick(pods), flows.next(&random))
            let wanted = try LiveTables(desired).action(pod, flow), seen = try LiveTables(live).action(pod, flow)
            try #require(seen == wanted, "\(note): \(flow)")
        }
        for found in programs {
            for (port, decision) in found.ports {
                try #require(live.ports[port] == decision, "\(note): ports that a program is led to are gone")
            }
            for set in Set(found.pods.values.map(\.policySet)) {
                try #require(live.rules[RuleKey(set, .other)] != nil, "\(note): a set that a program found is gone")
                for addressClass in Set(found.addresses.values) {
                    let key = RuleKey(set, addressClass)
                    guard found.rules[key] != nil else { continue }
                    try #require(live.rules[key] != nil, "\(note): a rule that a program is led to is gone")
                }
            }
        }
    }
}
