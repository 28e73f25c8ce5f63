import BenchmarkSupport
import Glibc
import KernelDatapath
import PacketLab
import VerdictTables

/// The real agent beside a made-up cluster, from its start on.
struct RecordedBenchmark {
    private let cluster: RecordedCluster
    private let changes: Int

    init(_ cluster: RecordedCluster, changes: Int) {
        self.cluster = cluster
        self.changes = changes
    }

    func run() throws -> ClusterReport {
        let synced = try SyncedAgent(cluster)
        defer { synced.close() }
        let agent = synced.agent
        var report = ClusterReport(
            pods: cluster.pods, policies: cluster.policies, localPods: cluster.localPods)
        report.firstSync = synced.firstSync
        report.firstSyncProcessor = agent.processorSeconds
        report.peakMemory = agent.memory("VmHWM")

        let clock = ChangeClock(tables: try KernelTables(pins: agent.pins), agent: agent)
        for kind in ChangeKind.allCases {
            let times = try clock.times(of: kind, count: changes, cluster, synced.server)
            report.changes.append(.init(kind.rawValue, milliseconds: times))
        }
        report.memory = agent.memory("VmRSS")
        report.anonymousMemory = agent.memory("RssAnon")
        report.maps = try MapSize.all(pins: agent.pins)
        return report
    }
}

/// Waits until something is so.
func wait(_ seconds: Double, _ what: String, _ agent: MeasuredAgent, _ isSo: () throws -> Bool) throws {
    let end = secondsNow() + seconds
    while try !isSo() {
        guard secondsNow() < end else {
            throw BenchmarkError("waited in vain for \(what); the agent said:\n\(agent.log)")
        }
        usleep(2_000)
    }
}
