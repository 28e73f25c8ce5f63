/// A figure that the design names, and whether it is reached.
public struct Ratio: Codable, Sendable {
    /// Which side of the target is the good one.
    public enum Relation: String, Codable, Sendable {
        case atMost = "at most"
        case atLeast = "at least"
        case below
        case above
    }

    public var name: String
    public var value: Double
    public var relation: Relation
    public var target: Double
    /// Empty where it is a quotient.
    public var unit: String
    public var places: Int
    public var isMet: Bool

    public init(
        _ name: String, _ value: Double, _ relation: Relation, _ target: Double, unit: String = "", places: Int = 2
    ) {
        self.name = name
        self.value = value
        self.relation = relation
        self.target = target
        self.unit = unit
        self.places = places
        isMet =
            switch relation {
            case .atMost: value <= target
            case .atLeast: value >= target
            case .below: value < target
            case .above: value > target
            }
    }

    public var valueText: String { text(value) }
    public var targetText: String { "\(relation.rawValue) \(text(target))" }

    private func text(_ number: Double) -> String { fixed(number, places) + (unit.isEmpty ? "" : " \(unit)") }
}
