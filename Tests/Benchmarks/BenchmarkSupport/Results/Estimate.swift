import Glibc

/// The median of what pairs came to, and where the true one lies.
public struct Estimate: Codable, Hashable, Sendable {
    /// Both ends are values that were measured.
    public struct Interval: Codable, Hashable, Sendable {
        public var lowest: Double
        public var highest: Double
    }

    public var median: Double
    /// Holds the true median with a confidence of at least 95 %; nil of fewer than six pairs, which cannot say.
    public var interval: Interval?
    public var pairs: Int

    /// - Parameter pairs: what each came to.
    /// - Returns: nil where there is none.
    public init?(_ pairs: [Double]) {
        guard !pairs.isEmpty else { return nil }
        median = pairs.median
        self.pairs = pairs.count
        if let place = Self.place(of: pairs.count) {
            let sorted = pairs.sorted()
            interval = Interval(lowest: sorted[place], highest: sorted[pairs.count - 1 - place])
        }
    }

    /// Where the interval begins among so many sorted values; it ends as far from the other end.
    ///
    /// Whatever their distribution, each value lies below the true median with a probability of one half. The
    /// interval misses it only if at most `place` values lie on one side of it, and that is a tail of a binomial
    /// distribution: at most 2.5 % here (the sign test's interval: Conover, Practical Nonparametric Statistics,
    /// 3rd edition, section 3.2; tables in Le Boudec, Performance Evaluation, appendix A).
    static func place(of count: Int) -> Int? {
        // The logarithm of one outcome's probability does not underflow.
        var logarithm = -Double(count)
        var tail = 0.0
        for below in 0..<count {
            tail += exp2(logarithm)
            if tail > 0.025 { return below == 0 ? nil : below - 1 }
            logarithm += log2(Double(count - below) / Double(below + 1))
        }
        return nil
    }
}
