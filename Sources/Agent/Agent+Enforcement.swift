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
        let news = node.hasUpdates ? node.drainUpdates() : nil
        // Before the kernel can tell of what is new.
        if let news { flowEnricher.note(news) }
        // Before the kernel judges by them.
        if let news { refreshAddresses(ofNew: news.residents.keys) }
        let begun = ContinuousClock.now
        do {
            let result = try datapath.apply(steps, desired: { node.tables }, settings: settings)
            if !steps.isEmpty { metrics?.applied(since: begun) }
            mended("tables")
            degraded = []
            if note(generation: result.generation) {
                logger.info("\(result.entries) entries changed, generation \(generation)")
            }
        } catch {
            degraded.formUnion(concerned(by: steps.reduce(TableChanges()) { $0.followed(by: $1) }))
            metrics?.applyFailed()
            complain("tables", "the old verdicts stay in force: \(error)")
        }
        tellOfLeftovers()
        tellOfUnfinished()
        attachIfWanted()
        if let news, !news.residents.isEmpty {
            audit(news.residents)
            metrics?.traffic.note(news.residents.mapValues { $0?.record.pod.key })
            policiesAreStale = true
        }
        if !steps.isEmpty || news != nil { noteLodgers() }
    }

    /// - Returns: whether it is another.
    @discardableResult
    func note(generation current: UInt32) -> Bool {
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
                    || node.residences.cgroup(of: subject.key).map { changes.pods[$0.id] != nil } ?? false
            }.map(\.key))
    }
}
