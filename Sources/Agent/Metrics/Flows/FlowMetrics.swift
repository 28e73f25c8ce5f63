package import Flows
import PolicyModel
package import PrometheusMetrics
import Synchronization
import VerdictTables

/// Counts what the kernel's events tell: where denied flows were going, who asked guarded addresses, and
/// who asked for names that no rule covers.
///
/// `note` is quick and may be called on any thread.
package final class FlowMetrics: Sendable {
    /// What became of a flow that a guard had a say in.
    fileprivate enum GuardOutcome: String, Hashable {
        case denied, audit
        /// An exemption or an Accept of tier Admin let it pass.
        case passed
    }

    private struct Denial: Hashable {
        var namespace: String
        var kind: Flow.Kind
        var verdict: FlowVerdict
    }

    private struct GuardHit: Hashable {
        var namespace: String
        var name: String
        var outcome: GuardOutcome
    }

    private struct Counts {
        var denials: [Denial: UInt64] = [:]
        var guardHits: [GuardHit: UInt64] = [:]
        /// By namespace.
        var uncoveredNames: [String: UInt64] = [:]
    }

    /// A guard whose name the event does not tell, for instance behind a service.
    package static let otherGuard = "other"

    private let guards: Set<String>
    private let counts = Mutex(Counts())

    /// - Parameter guards: the names of the guards in force; others are not told apart.
    package init(guards: Set<String>) { self.guards = guards }

    package func record(_ flow: Flow) {
        let namespace = flow.source.namespace.isEmpty ? TrafficMetrics.unknown : flow.source.namespace
        let count = UInt64(flow.count)
        counts.withLock { counts in
            // The answer itself was let through: what is denied is the connection that may follow.
            if flow.hook == .dns { return counts.uncoveredNames[namespace, default: 0] += count }
            if flow.verdict == .denied || flow.verdict == .audit {
                let denial = Denial(namespace: namespace, kind: flow.destinationKind, verdict: flow.verdict)
                counts.denials[denial, default: 0] += count
            }
            if flow.guarded, let outcome = GuardOutcome(flow.verdict) {
                let hit = GuardHit(namespace: namespace, name: guardName(flow), outcome: outcome)
                counts.guardHits[hit, default: 0] += count
            }
        }
    }

    private func guardName(_ flow: Flow) -> String {
        if let name = flow.destinationNames.first(where: guards.contains) { return name }
        return flow.destinationKind == .node ? NodePorts.guardName : Self.otherGuard
    }

    /// Everything that was counted for these namespaces; what others counted is forgotten.
    package func families(namespaces: Set<String>) -> [MetricFamily] {
        let counts = counts.withLock { counts in
            let present = namespaces.union([TrafficMetrics.unknown])
            counts.denials = counts.denials.filter { present.contains($0.key.namespace) }
            counts.guardHits = counts.guardHits.filter { present.contains($0.key.namespace) }
            counts.uncoveredNames = counts.uncoveredNames.filter { present.contains($0.key) }
            return counts
        }
        return [
            MetricFamily(
                Metrics.deniedDestinations,
                counts.denials.map { denial, count in
                    MetricFamily.Metric(
                        [
                            "namespace": denial.namespace, "kind": denial.kind.rawValue,
                            "verdict": denial.verdict.rawValue.lowercased(),
                        ], .integer(count))
                }),
            MetricFamily(
                Metrics.guardHits,
                counts.guardHits.map { hit, count in
                    MetricFamily.Metric(
                        ["namespace": hit.namespace, "guard": hit.name, "verdict": hit.outcome.rawValue],
                        .integer(count))
                }),
            MetricFamily(
                Metrics.uncoveredNames,
                counts.uncoveredNames.map { namespace, count in
                    MetricFamily.Metric(["namespace": namespace], .integer(count))
                }),
        ]
    }
}

extension FlowMetrics.GuardOutcome {
    fileprivate init?(_ verdict: FlowVerdict) {
        switch verdict {
        case .denied: self = .denied
        case .audit: self = .audit
        case .allowed: self = .passed
        case .held: return nil
        }
    }
}
