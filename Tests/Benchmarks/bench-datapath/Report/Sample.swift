import BenchmarkSupport

/// What the rounds of one measurement came to.
struct Sample: Encodable {
    /// Nanoseconds per run, a figure a round.
    var rounds: [Double]
    var median: Double
    var lowest: Double
    var highest: Double
    /// Runs of the program in all rounds together.
    var runs: UInt64

    init(_ rounds: [Double], runs: UInt64) {
        self.rounds = rounds
        self.runs = runs
        median = rounds.quantile(0.5)
        lowest = rounds.min() ?? .nan
        highest = rounds.max() ?? .nan
    }
}
