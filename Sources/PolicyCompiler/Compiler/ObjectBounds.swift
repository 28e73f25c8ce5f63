import PolicyModel

/// How much one object may ask of the compiler.
///
/// Work is counted in what an object would make, before any of it is made, and not in
/// time: the same object is taken or refused on every machine. One that asks for more
/// fails closed, as one that is not understood does. What several policies ask for
/// together, about one pod, is held to the same bounds.
public enum ObjectBounds {
    /// Entries of the table `ports`: for each set of rules that some addresses have in
    /// common, the prefixes that cover those rules' ports. Rules × port ranges × nested blocks.
    public static let portEntries = 65_536
    /// Blocks of one object that hold one address: what a prefix is must name them all.
    public static let nestedBlocks = 64
    /// Terms of selectors that name peers: each is asked about every kind of pod there is.
    public static let selectorTerms = 8_192
    /// Pairs of endpoint and port of one service: each is asked about by every policy.
    public static let serviceEndpoints = 65_536
}

/// An object, or several about one pod, that ask for more than one may.
struct Excess: Hashable {
    enum Measure: String, Hashable {
        case portEntries = "entries of the table of ports (rules × port ranges × nested blocks)"
        case nestedBlocks = "nested blocks around one address"
        case selectorTerms = "terms of peers' selectors"

        var bound: Int {
            switch self {
            case .portEntries: ObjectBounds.portEntries
            case .nestedBlocks: ObjectBounds.nestedBlocks
            case .selectorTerms: ObjectBounds.selectorTerms
            }
        }
    }

    var measure: Measure
    /// At least so many: nobody counts on once it is too many.
    var count: Int
}

extension Excess {
    /// - Parameter others: how many policies about the same pod ask with it.
    func diagnostic(of side: PolicySide, beside others: Int = 0) -> Diagnostic {
        let policy = side.policy
        let asking = others == 0 ? "asks" : "asks, with the \(others) other policies about one of its pods,"
        let outcome =
            policy.kind == .networkPolicy
            ? "the policy allows nothing" : "its Accept rules match nothing, its other rules deny everything"
        return Diagnostic(
            .error, object: policy.description, reference: policy,
            field: "spec.\(side.direction.rulesField)",
            "\(asking) for at least \(count) \(measure.rawValue), of which an object may ask for \(measure.bound); \(outcome)"
        )
    }
}
