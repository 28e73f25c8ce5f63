import AgentAPI
import KernelDatapath
import PolicyModel
import PrometheusMetrics

/// What only the agent's actor knows, as it last said it.
struct NodeFigures: Sendable {
    var pods: [Snapshot.Pod.State: Int] = [:]
    /// Entries that the kernel's maps shall hold.
    var entries: [DatapathMap: Int] = [:]
    /// Cgroups that all programs shall be attached to.
    var attachedTo = 0
    var problems: [Diagnostic.Severity: Int] = [:]
    /// By the buffer's map.
    var readerFailures: [String: Int] = [:]
    var previousRun = RunEnd.notKnown

    var families: [MetricFamily] {
        func rows(_ label: String, _ counts: [(String, Int)]) -> [MetricFamily.Metric] {
            counts.map { .init(MetricLabels([(label, $0)]), .integer(UInt64($1))) }
        }
        let states = Snapshot.Pod.State.allCases.map { ($0.rawValue, pods[$0] ?? 0) }
        let severities = Diagnostic.Severity.allCases.map { ($0.rawValue, problems[$0] ?? 0) }
        return [
            MetricFamily(Metrics.pods, rows("state", states)),
            MetricFamily(Metrics.mapEntries, rows("map", entries.map { ($0.rawValue, $1) })),
            MetricFamily(
                Metrics.attachmentsExpected, .integer(UInt64(attachedTo * DatapathProgram.allCases.count))),
            MetricFamily(Metrics.problems, rows("severity", severities)),
            MetricFamily(Metrics.readerFailures, rows("buffer", readerFailures.map { ($0, $1) })),
            MetricFamily(Metrics.previousRun, rows("end", RunEnd.names.map { ($0, $0 == previousRun.name ? 1 : 0) })),
        ]
    }
}
