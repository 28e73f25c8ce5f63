import BenchmarkSupport
import Glibc
import KernelDatapath
import PacketLab
import VerdictTables

/// What changes.
enum ChangeKind: String, CaseIterable {
    case podAdded = "pod added elsewhere, labels seen before"
    case podRelabelled = "pod elsewhere gets labels never seen"
    case policyEdited = "policy of pods here edited"
    case cgroupAppeared = "cgroup of a known pod made"
}

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
            try spin { try isDone.check() ?? (generation() != before) }
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
        let every = max(1, cluster.pods / max(1, cluster.localPods))
        switch kind {
        case .podAdded:
            let object = cluster.object(.pods, cluster.pods + index * every + 1)
            return Change { try server.send("ADDED", .pods, object) } check: { nil }
        case .podRelabelled:
            let object = cluster.object(.pods, index * every + 1, version: index + 2)
            return Change { try server.send("MODIFIED", .pods, object) } check: { nil }
        case .policyEdited:
            // The policies of the deployments that local pods belong to.
            let deployment = index % cluster.localPods * every / 20 % cluster.deployments
            let object = cluster.object(.networkPolicies, deployment % cluster.policies, port: 10_000 + index)
            return Change { try server.send("MODIFIED", .networkPolicies, object) } check: { nil }
        case .cgroupAppeared:
            let pod = cluster.pods + (index + 1) * every * 100
            let object = cluster.object(.pods, pod)
            try server.send("ADDED", .pods, object)
            usleep(20_000)
            var cgroup: Cgroup?
            return Change { cgroup = try MeasuredAgent.cgroup(pod, agent.lab) } check: {
                try cgroup.map { try tables.pod(CgroupID(rawValue: $0.id)) != nil } ?? false
            }
        }
    }

    private func generation() throws -> UInt32 { try tables.config()?.generation ?? 0 }

    private func spin(_ isSo: () throws -> Bool) throws {
        let end = secondsNow() + 30
        while try !isSo() {
            guard secondsNow() < end else { throw BenchmarkError("a change never arrived; the agent said:\n\(agent.log.suffix(2000))") }
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
