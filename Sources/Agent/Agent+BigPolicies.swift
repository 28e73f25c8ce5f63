import AgentAPI
import Logging
import PolicyCompiler
import PolicyModel

/// Policies that are too big for one turn: others are not to wait for them.
extension Agent {
    /// How many blocks come in or go in one turn: a few milliseconds' work.
    static let partSize = 256

    /// Carries on whenever there is something, until the task is cancelled.
    func carryOnAfterChanges() async {
        for await _ in unfinishedSignals { await carryOn() }
    }

    func reportUnfinished() {
        if ownsTables && node.hasUnfinished { unfinishedSignal.yield() }
    }

    private func carryOn() async {
        while node.hasUnfinished && !Task.isCancelled {
            nameBigPolicies()
            // Whoever waits for a turn has it now.
            await Task.yield()
            // Trying costs: a full map is written and taken back again.
            if datapath.isPending { try? await Task.sleep(for: rhythm.verification) }
            apply(node.proceed(locate: finder.locate))
        }
        nameBigPolicies()
    }

    private func nameBigPolicies() {
        let subject = "big policies"
        let underWay = node.compiler.policiesUnderWay.map { policies, blocks in
            "\(policies.map(\.description).joined(separator: ", ")) (\(blocks) blocks)"
        }
        guard !underWay.isEmpty else {
            if conditions.removeValue(forKey: subject) != nil {
                snapshotIsStale = true
                logger.notice("\(subject): all are in force")
            }
            return
        }
        let message =
            "\(underWay.joined(separator: ", ")): brought in a part at a time; until then what was in force before stays"
        guard conditions[subject] != message else { return }
        conditions[subject] = message
        snapshotIsStale = true
        logger.notice("\(subject): \(message)")
    }
}
