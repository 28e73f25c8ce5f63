/// What one entry of a peer's `domainNames` means (ClusterNetworkPolicy v1alpha2,
/// type `DomainName`, experimental).
public enum DomainPattern: Hashable, Sendable {
    /// This name and no other.
    case exact(DomainName)
    /// `*.`: every name that is one or more whole labels longer, never the domain itself.
    case below(DomainName)

    public func matches(_ name: DomainName) -> Bool {
        switch self {
        case .exact(let own): own == name
        case .below(let domain): name.isBelow(domain)
        }
    }

    /// Whether every name that the other means is meant by this one too.
    public func covers(_ other: DomainPattern) -> Bool {
        switch (self, other) {
        case (_, .exact(let name)): matches(name)
        case (.below(let wide), .below(let narrow)): wide == narrow || narrow.isBelow(wide)
        case (.exact, .below): false
        }
    }
}

extension DomainPattern: LosslessStringConvertible {
    /// Reads what the API's pattern takes: two labels or more, each of letters, digits,
    /// `-` and `_`, the last character of each a letter or digit and the first no `-`;
    /// before them `*.`, after them a dot, or not.
    public init?(_ text: String) {
        let isWildcard = text.hasPrefix("*.")
        guard let name = DomainName(String(text.dropFirst(isWildcard ? 2 : 0))), name.labelCount > 1,
            name.description.split(separator: ".").allSatisfy(Self.isLabel)
        else { return nil }
        self = isWildcard ? .below(name) : .exact(name)
    }

    private static func isLabel(_ label: Substring) -> Bool {
        label.first != "-" && label.last != "-" && (label.last != "_" || label == "_")
    }

    public var description: String {
        switch self {
        case .exact(let name): name.description
        case .below(let domain): "*.\(domain)"
        }
    }
}

extension DomainPattern: Comparable {
    /// By domain; a name comes before what is below it.
    public static func < (left: Self, right: Self) -> Bool { left.order < right.order }

    private var order: (DomainName, Int) {
        switch self {
        case .exact(let name): (name, 0)
        case .below(let domain): (domain, 1)
        }
    }
}
