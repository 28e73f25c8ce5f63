/// What is told under one name, whatever its values: a metric family without its metrics.
public struct MetricDescription: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Only grows, or begins at zero again.
        case counter
        case gauge
        /// Counts observations by the bucket that they fall in.
        case histogram(Histogram.Bounds)
        /// Always 1: what it says is in its labels.
        case info
    }

    /// A base unit (https://prometheus.io/docs/practices/naming/#base-units).
    public enum Unit: String, Hashable, Sendable {
        case seconds, bytes
    }

    /// As OpenMetrics has it, without what samples end in: `_total`, `_info`, `_bucket`.
    /// A unit stands at its end.
    public var name: String
    public var kind: Kind
    public var unit: Unit?
    /// One sentence.
    public var help: String

    public init(_ name: String, _ kind: Kind, unit: Unit? = nil, help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
    }

    /// The name under which queries find it; a histogram's parts end in `_bucket`,
    /// `_count` and `_sum` besides.
    public var queryName: String { name + kind.suffix }
}

extension MetricDescription.Kind {
    /// As both formats call it in OpenMetrics' words.
    public var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        case .info: "info"
        }
    }

    /// What samples of the kind end in.
    var suffix: String {
        switch self {
        case .counter: "_total"
        case .info: "_info"
        case .gauge, .histogram: ""
        }
    }
}
