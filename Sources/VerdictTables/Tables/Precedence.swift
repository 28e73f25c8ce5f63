/// Where something stands among a policy set's rules for domain names, which are
/// numbered from 1 in tier Admin, the only one that has them (struct sluice_precedence).
///
/// In an entry for addresses: how many of them come before what decided; 0 where
/// none may overrule it. In an entry for names: the first that accepts.
public struct Precedence: Hashable, Sendable {
    public var admin: UInt16
    /// In an entry for names: for how many seconds after its last use an address counts past its
    /// answer's time; `defaultGrace` where the policy does not say.
    public var grace: UInt16

    public init(admin: UInt16, grace: UInt16 = 0) {
        self.admin = admin
        self.grace = grace
    }

    /// The last number that a rule can have.
    public static let last = UInt16.max - 1

    /// The node's own grace counts (SLUICE_DEFAULT_GRACE).
    public static let defaultGrace = UInt16.max

    /// No rule for a name comes before it.
    public static let first = Precedence(admin: 0)
    /// No rule for a name accepts (SLUICE_NO_NAME).
    public static let noName = Precedence(admin: .max)

    /// Whether a name's entry of this place overrules an address's of the other.
    public func overrules(_ base: Precedence) -> Bool { admin <= base.admin }

    /// The component-wise minimum.
    public func minimum(_ other: Precedence) -> Precedence { Precedence(admin: min(admin, other.admin)) }
}
