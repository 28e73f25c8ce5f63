/// Where something stands among a policy set's rules for domain names, which are
/// numbered from 1 in each tier (struct sluice_precedence).
///
/// In an entry for addresses: how many of them come before what decided; 0 where
/// none may overrule it. In an entry for names: the first that accepts.
public struct Precedence: Hashable, Sendable {
    public var admin: UInt16
    public var baseline: UInt16

    public init(admin: UInt16, baseline: UInt16) {
        self.admin = admin
        self.baseline = baseline
    }

    /// The last number that a rule can have.
    public static let last = UInt16.max - 1

    /// No rule for a name comes before it.
    public static let first = Precedence(admin: 0, baseline: 0)
    /// No rule for a name accepts (SLUICE_NO_NAME).
    public static let noName = Precedence(admin: .max, baseline: .max)

    /// Whether a name's entry of this place overrules an address's of the other.
    public func overrules(_ base: Precedence) -> Bool { admin <= base.admin || baseline <= base.baseline }

    /// What comes after no more than either does.
    public func least(_ other: Precedence) -> Precedence {
        Precedence(admin: min(admin, other.admin), baseline: min(baseline, other.baseline))
    }
}
