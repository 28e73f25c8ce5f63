import BenchmarkSupport
import Glibc
import KernelDatapath
import PacketLab
import VerdictTables

/// The whole of it, in order.
struct Benchmark {
    private let cluster: RecordedCluster
    private let changes: Int

    init(_ cluster: RecordedCluster, changes: Int) {
        self.cluster = cluster
        self.changes = changes
    }

    func run() throws -> BenchmarkReport {
        let lab = try Lab()
        defer { lab.close() }
        for pod in 0..<cluster.pods where cluster.isLocal(pod) { _ = try MeasuredAgent.cgroup(pod, lab) }
        let server = RecordedServer(cluster)
        let port = try server.start()
        defer { server.stop() }

        var report = BenchmarkReport(pods: cluster.pods, policies: cluster.policies, localPods: cluster.localPods)
        let begun = secondsNow()
        let agent = try MeasuredAgent(lab, kubeconfig: MeasuredAgent.kubeconfig(lab, port: port))
        try wait(600, "the first sync", agent) { agent.log.contains(" enforcing ") && server.isWatched }
        report.firstSync = secondsNow() - begun
        report.firstSyncProcessor = agent.processorSeconds
        report.peakMemory = agent.memory("VmHWM")

        let clock = ChangeClock(tables: try KernelTables(pins: agent.pins), agent: agent)
        for kind in ChangeKind.allCases {
            let times = try clock.times(of: kind, count: changes, cluster, server)
            report.changes.append(
                .init(name: kind.rawValue, p50: times.quantile(0.5), p99: times.quantile(0.99), count: times.count))
        }
        report.memory = agent.memory("VmRSS")
        report.anonymousMemory = agent.memory("RssAnon")
        report.mapEntries = try KernelTables(pins: agent.pins).fillLevels().reduce(into: [:]) {
            $0[$1.key.rawValue] = $1.value.used
        }
        return report
    }
}

/// Waits until something is so.
func wait(_ seconds: Double, _ what: String, _ agent: MeasuredAgent, _ isSo: () throws -> Bool) throws {
    let end = secondsNow() + seconds
    while try !isSo() {
        guard secondsNow() < end else { throw BenchmarkError("waited in vain for \(what); the agent said:\n\(agent.log)") }
        usleep(2_000)
    }
}
