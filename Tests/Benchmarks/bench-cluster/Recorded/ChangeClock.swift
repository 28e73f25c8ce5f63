import BenchmarkSupport
import Glibc
import KernelDatapath
import PacketLab
import VerdictTables

/// Times the way of one change, from the last byte sent to the kernel's maps.
struct ChangeClock {
    let tables: KernelTables
    let agent: MeasuredAgent

    /// Milliseconds, one a change.
    func times(
        of kind: ChangeKind, count: Int, _ cluster: RecordedCluster, _ server: RecordedServer
    ) throws -> [Double] {
        var times: [Double] = []
        for index in 0..<count {
            let isDone = try prepare(kind, index, cluster, server)
            try settle(tables)
            let before = try generation()
            let begun = secondsNow()
            try isDone.begin()
            try poll { try isDone.check() ?? (generation() != before) }
            times.append((secondsNow() - begun) * 1000)
        }
        return times
    }

    private struct Change {
        var begin: () throws -> Void
        /// Nil where the generation tells.
        var check: () throws -> Bool?
    }

    private func prepare(
        _ kind: ChangeKind, _ index: Int, _ cluster: RecordedCluster, _ server: RecordedServer
    ) throws -> Change {
        switch kind {
        case .podAdded, .podRelabelled, .policyEdited:
            let (type, recorded, object) = kind.event(index, cluster)
            return Change {
                try server.send(type, recorded, object)
            } check: {
                nil
            }
        case .cgroupAppeared:
            let pod = cluster.pods + (index + 1) * cluster.localEvery * 100
            let object = cluster.object(.pods, pod)
            try server.send("ADDED", .pods, object)
            usleep(20_000)
            var cgroup: Cgroup?
            return Change {
                cgroup = try MeasuredAgent.cgroup(pod, agent.lab)
            } check: {
                try cgroup.map { try tables.pod(CgroupID(rawValue: $0.id)) != nil } ?? false
            }
        }
    }

    private func generation() throws -> UInt32 { try tables.config()?.generation ?? 0 }

    /// Sleeps between two looks, which may add a tenth of a millisecond: a processor that were kept busy by
    /// looking would be taken from the agent.
    private func poll(_ isSo: () throws -> Bool) throws {
        let end = secondsNow() + 30
        while try !isSo() {
            usleep(20)
            guard secondsNow() < end else {
                throw BenchmarkError("a change never arrived; the agent said:\n\(agent.log.suffix(2000))")
            }
        }
    }
}

/// Waits until nothing has moved for longer than the kernel takes to let go of
/// what was removed, for changes are timed one by one.
func settle(_ tables: KernelTables) throws {
    var last = try tables.config()?.generation
    var since = secondsNow()
    while secondsNow() < since + 0.05 {
        usleep(500)
        let now = try tables.config()?.generation
        if now != last { (last, since) = (now, secondsNow()) }
    }
}
