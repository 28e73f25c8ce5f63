/// Everything that is told under one name at one moment.
public struct MetricFamily: Hashable, Sendable {
    public struct Metric: Hashable, Sendable {
        public var labels: MetricLabels
        public var value: Value

        public init(_ labels: MetricLabels = .none, _ value: Value) {
            self.labels = labels
            self.value = value
        }
    }

    public enum Value: Hashable, Sendable {
        case integer(UInt64)
        case number(Double)
        case histogram(Histogram)
    }

    public var description: MetricDescription
    /// No two of the same labels.
    public var metrics: [Metric]

    public init(_ description: MetricDescription, _ metrics: [Metric] = []) {
        self.description = description
        self.metrics = metrics
    }

    /// One metric without labels.
    public init(_ description: MetricDescription, _ value: Value) {
        self.init(description, [Metric(.none, value)])
    }
}
