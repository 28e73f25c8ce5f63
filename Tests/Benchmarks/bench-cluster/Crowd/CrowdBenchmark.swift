import BenchmarkSupport
import Glibc
import KernelDatapath
import PolicyModel

/// The real agent while pods come, go and change elsewhere, so many a second.
struct CrowdBenchmark {
    let cluster: RecordedCluster
    let rate: Int
    let seconds: Int

    /// Of so many events one is followed into the kernel.
    private static let probeEvery = 20

    func run() throws -> CrowdReport {
        let synced = try SyncedAgent(cluster)
        defer { synced.close() }
        let agent = synced.agent
        let firstSyncProcessor = agent.processorSeconds
        let lags = LagClock(try KernelTables(pins: agent.pins))

        let before = agent.processorSeconds
        let begun = secondsNow()
        for index in 0..<(rate * seconds) {
            let due = begun + Double(index) / Double(rate)
            while case let early = due - secondsNow(), early > 0 { usleep(UInt32(early * 1e6) + 1) }
            try send(index, to: synced.server, lags)
        }
        let sent = secondsNow()
        let busy = agent.processorSeconds - before
        // The last event is followed too.
        try send(rate * seconds + Self.probeEvery - rate * seconds % Self.probeEvery, to: synced.server, lags)
        let times = try lags.finish(within: 120)
        return CrowdReport(
            pods: cluster.pods, policies: cluster.policies, localPods: cluster.localPods,
            wantedRate: Double(rate), rate: Double(rate * seconds) / (sent - begun), seconds: sent - begun,
            lags: times.dropLast(), drain: times.last ?? 0, processor: busy / (sent - begun),
            firstSync: synced.firstSync, firstSyncProcessor: firstSyncProcessor,
            peakMemory: agent.memory("VmHWM"), memory: agent.memory("VmRSS"), maps: try MapSize.all(pins: agent.pins))
    }

    private func send(_ index: Int, to server: RecordedServer, _ lags: LagClock) throws {
        switch index % Self.probeEvery {
        case 0:
            let pod = elsewhere(cluster.pods + index)
            guard let address = IPAddress(RecordedCluster.address(pod)) else { throw BenchmarkError("no address") }
            lags.begin(address)
            try server.send("ADDED", .pods, cluster.object(.pods, pod))
        case 10: try server.send("MODIFIED", .pods, cluster.object(.pods, elsewhere(index * 7), version: index))
        case let place where place.isMultiple(of: 2):
            try server.send("DELETED", .pods, cluster.object(.pods, elsewhere(index)))
        default: try server.send("ADDED", .pods, cluster.object(.pods, elsewhere(cluster.pods + index)))
        }
    }

    /// The pod, or the next one if that is of this node.
    private func elsewhere(_ pod: Int) -> Int { cluster.isLocal(pod) ? pod + 1 : pod }
}
