/// The direction of the traffic that a rule is about, seen from the pod that the policy selects.
public enum Direction: String, Hashable, Sendable, CaseIterable, Codable {
    /// The selected pod begins the flow; the remote end is its destination.
    case egress
    /// The remote end begins the flow; it is the source.
    case ingress

    /// The field of `spec` that lists the rules, in every kind of policy.
    public var rulesField: String { rawValue }

    /// The field of a rule that lists the remote ends.
    public var peersField: String {
        switch self {
        case .egress: "to"
        case .ingress: "from"
        }
    }
}

/// Where a rule stands in its policy.
public struct RulePlace: Hashable, Sendable {
    public var direction: Direction
    /// The index in the list of that direction, from 0.
    public var index: Int

    public init(_ direction: Direction, _ index: Int) {
        self.direction = direction
        self.index = index
    }

    /// For instance `spec.egress[2]`.
    public var fieldPath: String { "spec.\(direction.rulesField)[\(index)]" }
    /// For instance `spec.egress[2].to`.
    public var peersPath: String { "\(fieldPath).\(direction.peersField)" }
}
