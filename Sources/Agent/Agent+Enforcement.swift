import AgentAPI
import AgentConfiguration
import KernelDatapath
import Logging
import PolicyCompiler
import PolicyModel
import VerdictTables

/// To the kernel: tables first, attachments after.
extension Agent {
    func apply(_ steps: [TableChanges]) {
        let settings = configuration.nodeSettings(levels: node.levels)
        let updates = node.hasUpdates ? node.drainUpdates() : nil
        // Before the kernel can tell of what is new.
        if let updates { flowEnricher.apply(updates) }
        // Before the kernel judges by them.
        if let updates { refreshAddresses(ofNew: updates.residents.keys) }
        let begun = ContinuousClock.now
        do {
            let result = try datapath.apply(steps, desired: { node.tables }, settings: settings)
            if !steps.isEmpty { metrics?.applied(since: begun) }
            clearCondition("tables")
            degraded = []
            if advance(generation: result.generation) {
                logger.info("\(result.entries) entries changed, generation \(generation)")
            }
        } catch {
            degraded.formUnion(concerned(by: steps.reduce(TableChanges()) { $0.followed(by: $1) }))
            metrics?.applyFailed()
            setCondition("tables", "the old verdicts stay in force: \(error)")
        }
        reportDeferredRemovals()
        reportUnfinished()
        attachIfWanted()
        if let updates, !updates.residents.isEmpty {
            audit(updates.residents)
            metrics?.traffic.setOwners(updates.residents.mapValues { $0?.record.pod.key })
            policiesAreStale = true
        }
        if !steps.isEmpty || updates != nil { reportSharedCgroups() }
    }

    /// - Returns: whether it is another.
    @discardableResult
    func advance(generation current: UInt32) -> Bool {
        guard current != generation else { return false }
        generation = current
        snapshotIsStale = true
        return true
    }

    /// The pods whose verdicts may have been meant to change.
    private func concerned(by changes: TableChanges) -> Set<NamespacedName> {
        let sets = Set(changes.rules.keys.map(\.policySet))
        return Set(
            node.subjects.values.filter { subject in
                !changes.addresses.isEmpty || !changes.names.isEmpty || sets.contains(subject.policySet)
                    || node.cgroupIndex.cgroup(of: subject.key).map { changes.pods[$0.id] != nil } ?? false
            }.map(\.key))
    }
}
