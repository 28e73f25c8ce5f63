public import CoreMetrics
import Synchronization

/// Keeps what swift-metrics counts and measures, and asks collectors for what lives elsewhere.
///
/// Names are Prometheus's; what is not described beforehand gets a name and a kind by how it is made:
/// counters, gauges (meters, recorders that do not aggregate), histograms (timers, in seconds, and
/// recorders that do). A name has one kind: who asks for it under another counts unseen.
public final class MetricRegistry: MetricsFactory, Sendable {
    /// Tells of values at the moment of asking. It runs on the asker's thread.
    public typealias Collector = @Sendable () -> [MetricFamily]

    private struct Key: Hashable {
        var name: String
        var labels: MetricLabels
    }

    private struct State {
        var descriptions: [String: MetricDescription]
        var cells: [Key: any MetricCell] = [:]
        var collectors: [Collector] = []
    }

    private let state: Mutex<State>

    /// - Parameter descriptions: help, units and buckets by name.
    public init(_ descriptions: [MetricDescription] = []) {
        state = Mutex(
            State(descriptions: Dictionary(descriptions.map { ($0.name, $0) }) { first, _ in first }))
    }

    public func collect(_ collector: @escaping Collector) {
        state.withLock { $0.collectors.append(collector) }
    }

    /// Everything as it is now, each name once.
    public func families() -> [MetricFamily] {
        let (kept, collectors) = state.withLock { state in (Self.families(state), state.collectors) }
        var families: [String: MetricFamily] = [:]
        for family in kept + collectors.flatMap({ $0() }) {
            families[family.description.name, default: MetricFamily(family.description)].metrics += family.metrics
        }
        return Array(families.values)
    }

    private static func families(_ state: State) -> [MetricFamily] {
        Dictionary(grouping: state.cells, by: \.key.name).compactMap { name, cells in
            state.descriptions[name].map { description in
                MetricFamily(description, cells.map { MetricFamily.Metric($0.key.labels, $0.value.value) })
            }
        }
    }

    /// The cell of that name and those labels, made if need be.
    private func cell<Cell: MetricCell>(
        _ name: String, _ dimensions: [(String, String)], _ kind: MetricDescription.Kind,
        unit: MetricDescription.Unit? = nil, _ make: (MetricDescription.Kind) -> Cell
    ) -> Cell {
        state.withLock { state in
            let known = state.descriptions[name] ?? MetricDescription(name, kind, unit: unit, help: name)
            state.descriptions[name] = known
            let key = Key(name: name, labels: MetricLabels(dimensions))
            if let cell = state.cells[key] { return cell as? Cell ?? make(kind) }
            guard known.kind.word == kind.word else { return make(kind) }
            let cell = make(known.kind)
            state.cells[key] = cell
            return cell
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in state.cells = state.cells.filter { $0.value !== handler } }
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        cell(Self.counterName(label), dimensions, .counter) { _ in IntegerCell() }
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        cell(Self.counterName(label), dimensions, .counter) { _ in NumberCell() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        cell(MetricNames.metric(label), dimensions, .gauge) { _ in NumberCell() }
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let name = MetricNames.metric(label)
        guard aggregate else { return cell(name, dimensions, .gauge) { _ in NumberCell() } }
        return cell(name, dimensions, .histogram(.durations)) { HistogramCell($0) }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = MetricNames.metric(label)
        let ending = "_\(MetricDescription.Unit.seconds.rawValue)"
        return cell(
            name.hasSuffix(ending) ? name : name + ending, dimensions, .histogram(.durations), unit: .seconds
        ) { HistogramCell($0) }
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    /// Without what the exposition adds.
    private static func counterName(_ label: String) -> String {
        let name = MetricNames.metric(label)
        let suffix = MetricDescription.Kind.counter.suffix
        return name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    }
}
