import CoreMetrics
import Synchronization

/// Where one metric's value is kept.
protocol MetricCell: AnyObject, Sendable {
    var value: MetricFamily.Value { get }
}

/// A counter of whole numbers.
final class IntegerCell: MetricCell, CounterHandler {
    private let total = Atomic<UInt64>(0)

    var value: MetricFamily.Value { .integer(total.load(ordering: .relaxed)) }

    /// A counter never falls: what is negative is left out.
    func increment(by amount: Int64) {
        if amount > 0 { total.wrappingAdd(UInt64(amount), ordering: .relaxed) }
    }

    func reset() { total.store(0, ordering: .relaxed) }
}

/// A counter of any numbers, or a gauge.
final class NumberCell: MetricCell, FloatingPointCounterHandler, MeterHandler, RecorderHandler {
    private let number = Mutex(0.0)

    var value: MetricFamily.Value { .number(number.withLock { $0 }) }

    func increment(by amount: Double) {
        if amount > 0 { number.withLock { $0 += amount } }
    }

    func decrement(by amount: Double) {
        if amount > 0 { number.withLock { $0 -= amount } }
    }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { number.withLock { $0 = value } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
    func reset() { set(0.0) }
}

/// A histogram; of durations in seconds, if it is a timer.
final class HistogramCell: MetricCell, RecorderHandler, TimerHandler {
    private let histogram: Mutex<Histogram>

    /// - Parameter kind: a histogram, or the default bounds are taken.
    init(_ kind: MetricDescription.Kind) {
        if case .histogram(let bounds) = kind {
            histogram = Mutex(Histogram(bounds))
        } else {
            histogram = Mutex(Histogram(.durations))
        }
    }

    var value: MetricFamily.Value { .histogram(histogram.withLock { $0 }) }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { histogram.withLock { $0.observe(value) } }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
