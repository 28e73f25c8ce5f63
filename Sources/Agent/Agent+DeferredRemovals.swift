import AgentAPI
import KernelDatapath
import VerdictTables

/// What changes leave to be removed, out of the way of the next ones.
extension Agent {
    /// Clears up whenever there is something, until the task is cancelled; then once more.
    func clearUpAfterChanges() async {
        for await _ in leftoverSignals { await clearUp() }
        await clearUp()
    }

    func reportDeferredRemovals() {
        if hasDeferredRemovals { leftoverSignal.yield() }
    }

    private var hasDeferredRemovals: Bool { ownsTables && (datapath.hasDeferredRemovals || node.hasUnusedSets) }

    /// Removes what no pod and no address leads to, each round's as soon as no program runs that began before
    /// it. What the policy sets that go leave behind is for the next round.
    private func clearUp() async {
        while hasDeferredRemovals {
            let mark = datapath.markDeferredRemovals()
            let unusedSets = node.drainUnusedSets()
            await GracePeriod.passed()
            do {
                advance(generation: try datapath.drainDeferredRemovals(through: mark))
            } catch {
                setCondition("tables", "something old was left behind: \(error)")
            }
            let removals = node.reclaim(unusedSets)
            if !removals.isEmpty { apply([removals]) }
        }
    }
}
