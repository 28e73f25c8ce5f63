import PolicyCompiler
import PolicyModel
import TestHarness
import Testing
import VerdictTables

/// However the state came about, the tables are those of a fresh compiler.
@Suite struct IncrementalTests {
    @Test("changes leave the tables of their final state", arguments: [1, 3, 12])
    func changesLeaveTheTablesOfTheirFinalState(batch: Int) {
        for round in 0..<UInt64(12) {
            let seed = chosenSeed &+ round &+ UInt64(batch) &* 1000
            var cluster = RandomCluster(seed: seed, size: 0)
            var compiler = PolicyCompiler(options: cluster.options)
            var tables = compiler.update().tables.applied(to: VerdictTables())
            #expect(tables == compiler.tables)
            var subjects: [NamespacedName: LocalPod] = [:]
            for step in 0..<(batch == 1 ? 120 : 40) {
                let changes = (0..<batch).map { _ in cluster.change() }
                let update = compiler.update(changes)
                let stepped = update.removals.applied(to: update.additions.applied(to: tables))
                tables = update.tables.applied(to: tables)
                #expect(stepped == tables)
                for (key, subject) in update.subjects { subjects[key] = subject }
                let note: Comment = "seed \(seed), step \(step), after \(changes)"
                guard agrees(compiler, tables, subjects, cluster, note) else { return }
            }
            // Down to nothing again.
            while !cluster.objects.isEmpty {
                let update = compiler.update((0..<min(batch, cluster.objects.count)).map { _ in cluster.remove() })
                tables = update.tables.applied(to: tables)
                for (key, subject) in update.subjects { subjects[key] = subject }
                guard agrees(compiler, tables, subjects, cluster, "seed \(seed), removing") else { return }
            }
            var empty = PolicyCompiler(options: cluster.options)
            _ = empty.update()
            #expect(compiler.tables == empty.tables)
            #expect(compiler.subjects.isEmpty)
        }
    }

    private func agrees(
        _ compiler: PolicyCompiler, _ followed: VerdictTables, _ subjects: [NamespacedName: LocalPod],
        _ cluster: RandomCluster, _ note: Comment
    ) -> Bool {
        var fresh = PolicyCompiler(options: cluster.options)
        let first = fresh.update(cluster.sortedObjects.map { .set($0) })
        let same = compiler.tables == fresh.tables
        #expect(same, note)
        if !same {
            let difference = TableChanges(from: fresh.tables, to: compiler.tables)
            print("\(note): tables differ from a fresh compiler's: \(difference)")
        }
        #expect(followed == compiler.tables, note)
        #expect(first.tables.applied(to: VerdictTables()) == fresh.tables, note)
        #expect(compiler.subjects == fresh.subjects, note)
        #expect(subjects == compiler.subjects, note)
        return same && followed == compiler.tables && compiler.subjects == fresh.subjects
            && subjects == compiler.subjects
    }

    @Test("order of additions does not matter") func orderOfArrivalDoesNotMatter() {
        var cluster = RandomCluster(seed: chosenSeed, size: 80)
        let objects = cluster.sortedObjects
        var reference = PolicyCompiler(options: cluster.options)
        _ = reference.update(objects.map { .set($0) })
        for _ in 0..<5 {
            var compiler = PolicyCompiler(options: cluster.options)
            for object in cluster.shuffled() { _ = compiler.update([.set(object)]) }
            #expect(compiler.tables == reference.tables)
        }
    }

    @Test("objects set to what they were change nothing") func objectsSetToWhatTheyWereChangeNothing() {
        let cluster = RandomCluster(seed: chosenSeed, size: 80)
        var compiler = PolicyCompiler(options: cluster.options)
        _ = compiler.update(cluster.sortedObjects.map { .set($0) })
        let again = compiler.update(cluster.sortedObjects.map { .set($0) })
        #expect(again.tables.isEmpty)
        #expect(again.subjects.isEmpty)
    }

    @Test("what comes and goes within a batch leaves no change") func whatComesAndGoesWithinABatchLeavesNoChange() {
        let cluster = RandomCluster(seed: chosenSeed, size: 60)
        var compiler = PolicyCompiler(options: cluster.options)
        _ = compiler.update(cluster.sortedObjects.map { .set($0) })
        let policy = NetworkPolicy(
            key: NamespacedName("n1", "brief"), podSelector: LabelSelector(), isolates: [.egress],
            rules: [
                PolicyRule(
                    .egress, index: 0,
                    peers: [.block(IPBlock(Prefix("10.0.0.0/27")!, except: [Prefix("10.0.0.4/30")!]))],
                    ports: nil)
            ])
        let pod = Pod(key: NamespacedName("n1", "brief"), labels: ["new": "new"], addresses: [Alphabet.podAddresses[2]])
        let update = compiler.update([
            .set(.networkPolicy(policy)), .set(.pod(pod)),
            .remove(ObjectReference(.pod, pod.key)), .remove(ObjectReference(.networkPolicy, policy.key)),
        ])
        var net = update.tables
        // Entries written and taken back within the batch may be listed, as gone.
        let tables = compiler.tables
        net.rules = net.rules.filter { tables.rules[$0.key] != $0.value }
        net.ports = net.ports.filter { tables.ports[$0.key] != $0.value }
        #expect(net.isEmpty)
        #expect(update.subjects.isEmpty)
    }
}
