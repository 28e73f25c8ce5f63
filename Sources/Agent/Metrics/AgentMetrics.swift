import AgentAPI
import AgentConfiguration
import CoreMetrics
import Glibc
import KernelDatapath
import PolicyCompiler
import PolicyModel
import PrometheusMetrics
import Synchronization
import VerdictTables

/// The agent's metrics: what it counts itself, and what it asks the kernel for when it is asked.
///
/// A scrape does not need the agent's actor: what only that knows it has published before.
package final class AgentMetrics: Sendable {
    package let traffic: TrafficMetrics
    /// A sink for flows.
    package let flows: FlowMetrics
    private let compile: Timer
    private let apply: Timer
    private let change: Timer
    private let applyFailures: Counter
    private let repairs: Counter
    private let attachmentChanges: Counter

    private let registry: MetricRegistry
    private let figures = Mutex(NodeFigures())
    private let savedPast: Mutex<PastTraffic?>

    /// Opens the pinned maps.
    ///
    /// - Parameter inherited: what the earlier agent last said of its pods.
    init(_ configuration: Configuration, facts: KernelFacts, inherited: Snapshot?) throws(KernelError) {
        let registry = MetricRegistry(Metrics.all)
        let pins = configuration.pins
        let tables = try KernelTables(pins: pins)
        let past = PastTraffic.read(from: configuration.stateDirectory, map: tables.countersID)
        savedPast = Mutex(past)
        let tally = TrafficTally(
            past: past?.namespaces ?? [:], owners: past == nil ? [:] : inherited?.owners ?? [:])
        traffic = TrafficMetrics(tables, perPod: configuration.metrics.perPod, tally: tally)
        flows = FlowMetrics(guards: Set(configuration.guards.map(\.name)))
        func timer(_ description: MetricDescription) -> Timer { Timer(label: description.name, factory: registry) }
        func counter(_ description: MetricDescription) -> Counter {
            Counter(label: description.queryName, factory: registry)
        }
        compile = timer(Metrics.compileSeconds)
        apply = timer(Metrics.applySeconds)
        change = timer(Metrics.changeSeconds)
        applyFailures = counter(Metrics.applyFailures)
        repairs = counter(Metrics.repairs)
        attachmentChanges = counter(Metrics.attachmentChanges)
        self.registry = registry
        let kernel = try KernelMetrics(tables, pins: pins, facts: facts)
        let process = ProcessMetrics()
        registry.collect { [traffic, flows] in
            traffic.families() + flows.families(namespaces: traffic.namespaces)
        }
        registry.collect { kernel.families() + process.families() }
    }

    // MARK: What the agent does

    func compiled(since begun: ContinuousClock.Instant) { compile.record(since: begun) }
    func applied(since begun: ContinuousClock.Instant) { apply.record(since: begun) }
    func changed(since arrived: ContinuousClock.Instant) { change.record(since: arrived) }
    func applyFailed() { applyFailures.increment() }
    func repaired(_ entries: Int) { repairs.increment(by: entries) }
    func attachmentChanged() { attachmentChanges.increment() }
    func asked(_ attempt: SocketAttempt, namespace: String?) {
        Counter(
            label: Metrics.socketAttempts.queryName,
            dimensions: [
                ("namespace", namespace ?? TrafficMetrics.unknown), ("family", attempt.familyName),
                ("verdict", attempt.refused ? "denied" : "audit"),
            ], factory: registry
        ).increment(by: Int64(clamping: attempt.count))
    }
    func publish(_ figures: NodeFigures) { self.figures.withLock { $0 = figures } }

    /// Everything at this moment.
    func families(_ condition: SourceCondition, _ readiness: Readiness) -> [MetricFamily] {
        registry.families() + figures.withLock(\.families)
            + SourceMetrics(condition: condition, now: time(nil)).families + [readiness.family]
    }

    /// What pods counted that are gone; nil if it is in the file already.
    var unsavedPast: PastTraffic? {
        let past = traffic.past
        return savedPast.withLock { $0 == past ? nil : past }
    }

    func recordSaved(_ past: PastTraffic) { savedPast.withLock { $0 = past } }
}

extension Timer {
    fileprivate func record(since instant: ContinuousClock.Instant) {
        let (seconds, attoseconds) = (ContinuousClock.now - instant).components
        recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

extension Readiness {
    fileprivate var family: MetricFamily {
        MetricFamily(
            Metrics.ready,
            Condition.allCases.map { condition in
                .init(["condition": condition.rawValue], .integer(self[condition] == nil ? 1 : 0))
            })
    }
}

extension Snapshot {
    /// Whose each cgroup was.
    fileprivate var owners: [CgroupID: NamespacedName] {
        Dictionary(
            pods.compactMap { pod in
                guard let cgroup = pod.cgroupID, let slash = pod.pod.firstIndex(of: "/") else { return nil }
                let (namespace, name) = (pod.pod[..<slash], pod.pod[pod.pod.index(after: slash)...])
                return (cgroup, NamespacedName(String(namespace), String(name)))
            }, uniquingKeysWith: { first, _ in first })
    }
}
