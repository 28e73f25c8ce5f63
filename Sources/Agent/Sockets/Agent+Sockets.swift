import AgentAPI
import AgentConfiguration
import KernelDatapath
import Logging
import PolicyModel
import VerdictTables

extension Agent {
    /// Tells of pods that asked for sockets below IP since the last time.
    func reportSocketAttempts() {
        let pins = configuration.pins
        do {
            for attempt in try socketAttempts.news(of: PacketSocketGuard.attempts(pins: pins)) { report(attempt) }
            clearCondition("socket attempts")
        } catch {
            setCondition("socket attempts", "\(error)")
        }
    }

    private func report(_ attempt: SocketAttempt) {
        let pod = node.cgroupIndex.owners[attempt.cgroup]
        let owner = pod.map(\.description) ?? "cgroup \(attempt.cgroup.rawValue)"
        let times = attempt.count == 1 ? "" : ", \(attempt.count) times"
        let outcome = attempt.refused ? "refused" : "would be refused (audit)"
        logger.warning(
            "\(owner): \(attempt.process) (process \(attempt.pid)) asked for an \(attempt.familyName) socket: \(outcome)\(times)"
        )
        metrics?.asked(attempt, namespace: pod?.namespace)
    }
}
