import BenchmarkSupport
import PacketLab

/// An agent that has had its first sync with a made-up cluster, and what it needs around it.
final class SyncedAgent {
    let agent: MeasuredAgent
    let server: RecordedServer
    /// Seconds from the start of the process until it enforces.
    let firstSync: Double
    private let lab: Lab

    init(_ cluster: RecordedCluster) throws {
        lab = try Lab()
        for pod in 0..<cluster.pods where cluster.isLocal(pod) { _ = try MeasuredAgent.cgroup(pod, lab) }
        let server = RecordedServer(cluster)
        let port = try server.start()
        let begun = secondsNow()
        let agent = try MeasuredAgent(lab, kubeconfig: MeasuredAgent.kubeconfig(lab, port: port))
        try wait(600, "the first sync", agent) { agent.log.contains(" enforcing ") && server.isWatched }
        firstSync = secondsNow() - begun
        self.server = server
        self.agent = agent
    }

    func close() {
        server.stop()
        lab.close()
    }
}
