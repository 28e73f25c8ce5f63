/// A figure that the design names, and whether it is reached.
public struct Ratio: Codable, Sendable {
    /// Which side of the target is the good one.
    public enum Relation: String, Codable, Sendable {
        case atMost = "at most"
        case atLeast = "at least"
        case below
        case above

        func holds(_ value: Double, _ target: Double) -> Bool {
            switch self {
            case .atMost: value <= target
            case .atLeast: value >= target
            case .below: value < target
            case .above: value > target
            }
        }
    }

    public enum Outcome: String, Codable, Sendable {
        case met
        case missed
        /// The target lies within what the figure may be.
        case notShown = "not shown"
    }

    public var name: String
    public var value: Double
    /// Of a figure that comes from pairs.
    public var estimate: Estimate?
    public var relation: Relation
    public var target: Double
    /// Empty where it is a quotient.
    public var unit: String
    public var places: Int
    public var outcome: Outcome

    /// A figure that was taken once.
    public init(
        _ name: String, _ value: Double, _ relation: Relation, _ target: Double, unit: String = "", places: Int = 2
    ) {
        self.name = name
        self.value = value
        self.relation = relation
        self.target = target
        self.unit = unit
        self.places = places
        outcome = relation.holds(value, target) ? .met : .missed
    }

    /// One that comes from pairs: met or missed only if all of its interval is on that side.
    public init(_ name: String, _ estimate: Estimate, _ relation: Relation, _ target: Double, places: Int = 2) {
        self.init(name, estimate.median, relation, target, places: places)
        self.estimate = estimate
        let ends = estimate.interval.map { [$0.lowest, $0.highest] } ?? []
        let good = ends.map { relation.holds($0, target) }
        outcome = good == [true, true] ? .met : good == [false, false] ? .missed : .notShown
    }

    public var valueText: String { estimate?.text(places: places) ?? text(value) }
    public var targetText: String { "\(relation.rawValue) \(text(target))" }

    private func text(_ number: Double) -> String { fixed(number, places) + (unit.isEmpty ? "" : " \(unit)") }
}

extension Estimate {
    /// For instance `1.97 [1.91, 2.04]`.
    func text(places: Int) -> String {
        let ends = interval.map { "[\(fixed($0.lowest, places)), \(fixed($0.highest, places))]" } ?? "[?]"
        return "\(fixed(median, places)) \(ends)"
    }
}
