import AgentAPI
import AgentConfiguration
import Logging
import PolicyModel
import VerdictTables

/// An agent that nobody will follow takes `hold` away: else pods that start later would wait for ever.
extension Agent {
    /// Who runs the agent; nil where that does not matter.
    private nonisolated var runner: OwnDaemonSet? {
        guard configuration.startupPosture == .hold, let transport, let pod = configuration.ownPod else { return nil }
        return OwnDaemonSet(transport, pod: pod.key)
    }

    /// Finds out which DaemonSet runs the agent, until it is known or the task is cancelled.
    nonisolated func findDaemonSet() async {
        guard let runner else { return }
        var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
        while !Task.isCancelled {
            do {
                let name = try await runner.name()
                await setCondition("daemonset", nil)
                return await setDaemonSet(daemonSet: name)
            } catch {
                if Task.isCancelled { return }
                await setCondition(
                    "daemonset",
                    "startupPosture hold stays for ever where the agent is removed, as its own DaemonSet cannot be "
                        + "read: \(error); grant its service account the verb get on pods and daemonsets of its namespace"
                )
            }
            guard (try? await Task.sleep(for: backoff.next(atLeast: nil))) != nil else { return }
        }
    }

    private func setDaemonSet(daemonSet name: String?) { daemonSet = name }

    /// Where no agent will run after this one, lets unknown pods have what guards leave them.
    func endForGood() async {
        guard let runner, let daemonSet, ownsTables else { return }
        // The agent's own task is cancelled by now.
        switch await Task.detached(operation: { await runner.fate(daemonSet) }).value {
        case .stays: return
        case .unknown(let problem):
            return logger.warning(
                "startupPosture hold stays: whether an agent will run here again is not known: \(problem)")
        case .ends(let reason):
            do {
                var settings = configuration.nodeSettings(levels: node.levels)
                settings.posture = .guards
                let result = try datapath.apply([], desired: { node.tables }, settings: settings)
                advance(generation: result.generation)
                hasEndedForGood = true
                snapshotIsStale = true
                logger.notice("startupPosture is guards from now on: \(reason), and nobody would make new pods known")
            } catch {
                logger.error("startupPosture hold stays: \(error)")
            }
        }
    }
}
