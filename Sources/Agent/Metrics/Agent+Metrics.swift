import AgentAPI
import AgentConfiguration
import KernelDatapath
import PolicyCompiler
import PolicyModel
import PrometheusMetrics
import Synchronization
import VerdictTables

extension Agent {
    /// Tells the metrics what only this actor knows.
    func publishFigures() {
        guard let metrics else { return }
        var figures = NodeFigures()
        for state in node.subjects.values.compactMap(state(of:)) { figures.pods[state, default: 0] += 1 }
        let tables = node.compiler.tables
        figures.entries = [
            .pods: node.pods.count, .addresses: tables.addresses.count, .dnsNames: tables.names.count,
            .rules: tables.rules.count, .ports: tables.ports.count,
        ]
        figures.attachedTo = attachedTo.count
        figures.readerFailures = ["events": events?.failures ?? 0, "answers": answers?.failures ?? 0]
        figures.previousRun = previousRun.end
        for diagnostic in sourceDiagnostics { figures.problems[diagnostic.severity, default: 0] += 1 }
        figures.problems[.error, default: 0] += conditions.count
        metrics.publish(figures)
    }

    /// Answers `/metrics` without waiting for the actor.
    nonisolated func scrape(_ format: ExpositionFormat) -> String {
        guard let metrics else { return format.text([]) }
        return format.text(metrics.families(source.condition, readiness.withLock { $0 }))
    }

    /// Writes down what the next agent's sums begin with.
    func savePastTraffic() async {
        guard let metrics, let past = metrics.unsavedPast else { return }
        let directory = configuration.stateDirectory
        do {
            // Not here: a change of policy is not to wait for a file.
            try await Task.detached { try past.write(to: directory) }.value
            metrics.recordSaved(past)
            clearCondition("past traffic")
        } catch {
            setCondition("past traffic", "\(directory) cannot be written: \(error)")
        }
    }
}
