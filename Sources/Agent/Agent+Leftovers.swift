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

    func tellOfLeftovers() {
        if hasLeftovers { leftoverSignal.yield() }
    }

    private var hasLeftovers: Bool { ownsTables && (datapath.hasLeftovers || node.hasLeaving) }

    /// Removes what no pod and no address leads to, each round's as soon as no program runs that began before
    /// it. What the policy sets that go leave behind is for the next round.
    private func clearUp() async {
        while hasLeftovers {
            let mark = datapath.markDeferredRemovals()
            let leaving = node.takeLeaving()
            await GracePeriod.passed()
            do {
                note(generation: try datapath.drainDeferredRemovals(upTo: mark))
            } catch {
                complain("tables", "something old was left behind: \(error)")
            }
            let steps = node.depart(leaving)
            if !steps.isEmpty { apply(steps) }
        }
    }
}
