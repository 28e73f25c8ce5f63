import AgentAPI
package import KernelDatapath
package import PolicyModel
package import PrometheusMetrics
import Synchronization
package import VerdictTables

/// Reads what the kernel counts when it is asked, and remembers what left.
package final class TrafficMetrics: Sendable {
    /// The name of no namespace: whoever counts there is not known to be a pod.
    package static let unknown = "(unknown)"

    private let tables: KernelTables
    private let perPod: Bool
    private let tally: Mutex<TrafficTally>

    package init(_ tables: KernelTables, perPod: Bool, tally: TrafficTally = TrafficTally()) {
        self.tables = tables
        self.perPod = perPod
        self.tally = Mutex(tally)
    }

    package func setOwners(_ owners: [CgroupID: NamespacedName?]) { tally.withLock { $0.setOwners(owners) } }

    /// To be called before the pod's counter slot can be another's; see `TableDriver.onRemoval`.
    package func remove(_ cgroup: CgroupID, _ counters: FlowCounters) {
        tally.withLock { $0.remove(cgroup, counters) }
    }

    package var namespaces: Set<String> { tally.withLock(\.namespaces) }

    /// What pods counted that are gone, for the agent after this one.
    package var past: PastTraffic {
        PastTraffic(map: tables.countersID, namespaces: tally.withLock(\.past))
    }

    package func families() -> [MetricFamily] {
        let (sums, pods) = tally.withLock { tally in
            // Under the lock, so that no slot changes hands between its look-up and its reading.
            if let counters = try? tables.counters() { tally.observe(counters) }
            return (tally.sums, perPod ? tally.pods : [:])
        }
        var rows = sums.map { (MetricLabels([("namespace", $0)]), $1) }
        if let shared = try? tables.counters(slot: KernelTables.sharedSlot) {
            rows.append((["namespace": Self.unknown], shared))
        }
        let families = Self.families(rows, as: [Metrics.packets, Metrics.bytes, Metrics.newFlows])
        guard perPod else { return families }
        let podRows = pods.map { (MetricLabels([("namespace", $0.namespace), ("pod", $0.name)]), $1) }
        return families + Self.families(podRows, as: [Metrics.podPackets, Metrics.podBytes, Metrics.podNewFlows])
    }

    private static func families(
        _ rows: [(MetricLabels, FlowCounters)], as names: [MetricDescription]
    ) -> [MetricFamily] {
        zip(names, FlowCounters.Count.measures).map { name, measure in
            MetricFamily(
                name,
                rows.flatMap { labels, counters in
                    counters.byVerdict.map { verdict, count in
                        MetricFamily.Metric(
                            labels.adding("verdict", verdict), .integer(count[keyPath: measure]))
                    }
                })
        }
    }
}

extension FlowCounters {
    fileprivate var byVerdict: KeyValuePairs<String, Count> {
        ["denied": denied, "allowed": allowed, "audit": audit, "held": held]
    }
}

extension FlowCounters.Count {
    /// In the order in which metrics are named.
    fileprivate static var measures: [KeyPath<Self, UInt64>] { [\.packets, \.bytes, \.flows] }
}
