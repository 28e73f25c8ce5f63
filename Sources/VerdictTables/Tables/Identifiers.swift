/// The identifiers that the kernel's tables use.
///
/// They are derived from what they stand for, not counted: an agent that starts
/// again gives the same things the same identifiers and finds its own entries in
/// the pinned maps. See `StableHash` in PolicyCompiler.
public protocol TableIdentifier: Hashable, Comparable, Sendable, Codable, CodingKeyRepresentable,
    CustomStringConvertible
{
    var rawValue: UInt64 { get }
    init(rawValue: UInt64)

    /// The identifier of what has this hash, unless another has it already.
    static func derived(from hash: UInt64) -> Self
}

extension TableIdentifier {
    /// Numbers below this are the layout's own.
    public static var reserved: UInt64 { 16 }

    public static func derived(from hash: UInt64) -> Self { Self(rawValue: max(hash, reserved)) }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// What a pod's policies add up to. Pods with the same policies share one.
public struct PolicySetID: TableIdentifier {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// Nothing isolates the pod, guards apply: SLUICE_SET_GUARDS_ONLY.
    public static let guardsOnly = PolicySetID(rawValue: 1)
}

/// The set of peers that an address is.
public struct AddressClassID: TableIdentifier {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// An address that no prefix names: SLUICE_CLASS_OTHER.
    public static let other = AddressClassID(rawValue: 0)

    /// `rules` holds classes of names too, which have this bit; whoever writes labels
    /// must not be able to make an address class that is one of them.
    fileprivate static let nameBit: UInt64 = 1 << 62

    public static func derived(from hash: UInt64) -> Self { Self(rawValue: max(hash & ~nameBit, reserved)) }

    /// The class of names that a key of `rules` means, if it means one.
    public var nameClass: NameClassID? {
        rawValue & Self.nameBit == 0 ? nil : NameClassID(rawValue: rawValue & ~NameClassID.privateBit)
    }

    /// Whether it means names whose answer is private or guarded.
    public var isPrivateAnswer: Bool { nameClass != nil && rawValue & NameClassID.privateBit != 0 }
}

/// The set of peers' domain names that a name is among.
public struct NameClassID: TableIdentifier {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// SLUICE_CLASS_PRIVATE
    fileprivate static let privateBit: UInt64 = 1 << 63

    public static func derived(from hash: UInt64) -> Self {
        Self(rawValue: (hash & ~privateBit) | AddressClassID.nameBit)
    }

    /// As `rules` has it.
    func inRules(privateAnswer: Bool) -> AddressClassID {
        AddressClassID(rawValue: rawValue | (privateAnswer ? Self.privateBit : 0))
    }
}

/// What is said port by port, shared by every rule that says the same.
public struct PortSetID: TableIdentifier {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Names the policy and rule behind an entry, for people; see `Cause`.
public struct CauseID: TableIdentifier {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// Nobody wrote an entry: the program's own fail-closed default.
    public static let none = CauseID(rawValue: 0)
    /// SLUICE_CAUSE_SOURCE_ROUTE: the program's own, whatever the tables say.
    public static let sourceRouted = CauseID(rawValue: 1)
    /// SLUICE_CAUSE_FOREIGN_SOURCE: likewise.
    public static let foreignSource = CauseID(rawValue: 2)
}

/// A cgroup's identifier: the inode number of its directory (kernfs).
public struct CgroupID: TableIdentifier {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}
