/// What the rounds of one measurement came to.
public struct Spread: Codable, Hashable, Sendable {
    /// A figure a round, in the order in which they were taken.
    public var rounds: [Double]
    public var median: Double
    public var lowest: Double
    public var highest: Double

    /// - Returns: nil where there was no round.
    public init?(_ rounds: [Double]) {
        guard let lowest = rounds.min(), let highest = rounds.max() else { return nil }
        self.rounds = rounds
        self.lowest = lowest
        self.highest = highest
        median = rounds.median
    }
}
