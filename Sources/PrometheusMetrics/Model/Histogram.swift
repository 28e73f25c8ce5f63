/// How many observations were at most how large.
public struct Histogram: Hashable, Sendable {
    /// The upper bounds of buckets, ascending; one for everything above them comes last and is not named.
    public struct Bounds: Hashable, Sendable, ExpressibleByArrayLiteral {
        public let values: [Double]

        /// - Parameter values: in any order; what is no finite number is left out.
        public init(_ values: [Double]) { self.values = Set(values.filter(\.isFinite)).sorted() }
        public init(arrayLiteral values: Double...) { self.init(values) }

        /// From a tenth of a millisecond to ten seconds.
        public static let durations: Bounds = [
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
        ]
    }

    public let bounds: Bounds
    /// By bucket, the nameless last one included; not cumulated.
    private var counts: [UInt64]
    public private(set) var sum: Double = 0

    public init(_ bounds: Bounds) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.values.count + 1)
    }

    /// What is no number is not observed: it would make a NaN of the sum for ever.
    public mutating func observe(_ value: Double) {
        guard !value.isNaN else { return }
        counts[bounds.values.firstIndex { value <= $0 } ?? bounds.values.count] += 1
        sum += value
    }

    public var count: UInt64 { counts.reduce(0, +) }

    /// Each bound with the number of observations that it covers; infinity comes last.
    var cumulated: [(bound: Double, count: UInt64)] {
        var total: UInt64 = 0
        return zip(bounds.values + [.infinity], counts).map { bound, count in
            total += count
            return (bound, total)
        }
    }
}
