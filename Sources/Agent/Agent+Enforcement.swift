import AgentAPI
import AgentConfiguration
import KernelDatapath
import Logging
import PolicyCompiler
import PolicyModel
import VerdictTables

/// To the kernel: names first, then tables, then programs, then reports.
extension Agent {
    /// Brings changes into force. The order matters: programs may report of what is new with its first entry, and
    /// must not judge by tables that are not there.
    func apply(_ steps: [TableChanges]) {
        let updates = node.hasUpdates ? node.drainUpdates() : nil
        if let updates { prepare(for: updates) }
        write(steps)
        reportDeferredRemovals()
        reportUnfinished()
        attachIfWanted()
        if let updates { recordOwners(updates) }
        if !steps.isEmpty || updates != nil { reportSharedCgroups() }
    }

    /// Before the kernel judges by what is new, or can report it: its names, and the pods' own addresses.
    private func prepare(for updates: FlowEnricher.Changes) {
        flowEnricher.apply(updates)
        refreshAddresses(ofNew: updates.residents.keys)
    }

    /// Writes the tables. If that fails, the old verdicts stay, and the pods concerned are degraded.
    private func write(_ steps: [TableChanges]) {
        let begun = ContinuousClock.now
        do {
            let result = try datapath.apply(
                steps, desired: { node.tables }, settings: configuration.nodeSettings(levels: node.levels))
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
    }

    /// After the kernel knows them: to the audit log, the metrics of traffic, and the policies' report.
    private func recordOwners(_ updates: FlowEnricher.Changes) {
        guard !updates.residents.isEmpty else { return }
        audit(updates.residents)
        metrics?.traffic.setOwners(updates.residents.mapValues { $0?.record.pod.key })
        policiesAreStale = true
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
