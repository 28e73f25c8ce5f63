import AgentAPI
import KernelDatapath
import VerdictTables

/// Looks at the counters of all pods, again and again.
struct PodSampler {
    private struct Sample {
        var time: UInt64
        var counters: [CgroupID: FlowCounters] = [:]
        /// Of pods that share a counter.
        var shared: FlowCounters?
    }

    private let options: NodeOptions
    private(set) var view: NodeView
    private var names: [CgroupID: String]
    private var last: Sample

    init(_ options: NodeOptions) throws {
        self.options = options
        view = try NodeView(options)
        names = Self.names(view)
        last = try Self.sample(view)
    }

    /// The rates since the last look, or since the beginning.
    mutating func rates() throws -> [PodRates] {
        let sample = try Self.sample(view)
        // Pods come and go; who is new has a name soon.
        if sample.counters.keys.contains(where: { names[$0] == nil }) {
            view = try NodeView(options)
            names = Self.names(view)
        }
        defer { last = sample }
        let seconds = max(Double(sample.time - last.time) / 1_000_000_000, 0.001)
        var rows = sample.counters.map { id, counters in
            PodRates(
                names[id] ?? "cgroup \(id.rawValue)", last.counters[id] ?? FlowCounters(), counters, seconds: seconds)
        }
        if let shared = sample.shared {
            rows.append(
                PodRates(
                    "all that have no counter of their own", last.shared ?? FlowCounters(), shared, seconds: seconds))
        }
        return rows
    }

    private static func sample(_ view: NodeView) throws -> Sample {
        var sample = Sample(time: KernelClock.now())
        for (id, entry) in try view.tables.pods() where entry.slot != 0 {
            sample.counters[id] = try view.tables.counters(slot: entry.slot)
        }
        let shared = try view.tables.counters(slot: 0)
        if shared != FlowCounters() { sample.shared = shared }
        return sample
    }

    private static func names(_ view: NodeView) -> [CgroupID: String] {
        Dictionary(
            (view.snapshot?.pods ?? []).compactMap { pod in pod.cgroupID.map { ($0, pod.pod) } },
            uniquingKeysWith: { first, _ in first })
    }
}
