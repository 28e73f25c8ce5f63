public import PolicyModel

/// What an entry says (enum sluice_action). Values are the kernel's.
public enum Action: UInt32, Hashable, Sendable {
    case deny = 0
    case allow = 1
    /// Denied by a guard: no policy's audit mode opens it.
    case `guard` = 2
    /// Allowed, and reported: a guard in audit mode would deny it.
    case audit = 4
    /// Allowed past a guard, which is always reported.
    case allowGuarded = 5

    /// Whether the packet passes whatever the audit modes.
    public var allows: Bool { self == .allow || self == .allowGuarded }
}

/// An action and who is to thank for it.
public struct Decision: Hashable, Sendable {
    public var action: Action
    public var cause: CauseID
    /// Where it stands among rules for domain names.
    public var dnsPrecedence: Precedence

    public init(_ action: Action, _ cause: CauseID, dnsPrecedence: Precedence = .first) {
        self.action = action
        self.cause = cause
        self.dnsPrecedence = dnsPrecedence
    }
}

public struct RuleKey: Hashable, Sendable {
    public var policySet: PolicySetID
    public var addressClass: AddressClassID

    public init(_ policySet: PolicySetID, _ addressClass: AddressClassID) {
        self.policySet = policySet
        self.addressClass = addressClass
    }

    /// What a set says of a name whose answer is a public address, or of one whose
    /// answer is private or guarded.
    public init(_ policySet: PolicySetID, _ nameClass: NameClassID, privateAnswer: Bool) {
        self.init(policySet, nameClass.inRules(privateAnswer: privateAnswer))
    }
}

/// An entry of `rules`.
public enum Rule: Hashable, Sendable {
    /// Whatever the protocol and port.
    case always(Decision)
    /// Ask `ports`; where it has no entry, or the packet no port that can be read,
    /// deny with this cause.
    case byPort(PortSetID, otherwise: CauseID, dnsPrecedence: Precedence = .first)
}

/// A prefix over protocol (8 bits) and port (16 bits): 0 bits cover everything,
/// 8 one protocol, 24 one port.
public struct PortPrefix: Hashable, Sendable, Comparable {
    /// Protocol number in bits 16 to 23, port below it; bits past `length` are zero.
    public let bits: UInt32
    /// 0, or 8 to 24.
    public let length: Int

    public init(bits: UInt32, length: Int) {
        precondition(length == 0 || (8...24).contains(length))
        self.bits = length == 0 ? 0 : bits & (0xff_ffff << UInt32(24 - length)) & 0xff_ffff
        self.length = length
    }

    /// Every protocol.
    public static let everything = PortPrefix(bits: 0, length: 0)

    /// Every port of one protocol, by its IANA number.
    public init(protocol number: UInt8) {
        self.init(bits: UInt32(number) << 16, length: 8)
    }

    /// One port.
    public init(protocol number: UInt8, port: UInt16) {
        self.init(bits: UInt32(number) << 16 | UInt32(port), length: 24)
    }

    public var protocolNumber: UInt8 { UInt8(truncatingIfNeeded: bits >> 16) }
    public var port: UInt16 { UInt16(truncatingIfNeeded: bits) }
    /// The ports covered, when `length` is 8 or more.
    public var ports: ClosedRange<UInt16> {
        port...(port | UInt16(truncatingIfNeeded: UInt32(0xffff) >> UInt32(max(length, 8) - 8)))
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.bits, left.length) < (right.bits, right.length)
    }
}

public struct PortKey: Hashable, Sendable {
    public var portSet: PortSetID
    public var prefix: PortPrefix

    public init(_ portSet: PortSetID, _ prefix: PortPrefix) {
        self.portSet = portSet
        self.prefix = prefix
    }
}

/// sluice_pod.flags.
public struct PodFlags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// SLUICE_POD_AUDIT
    public static let audit = PodFlags(rawValue: 1 << 0)
    /// SLUICE_POD_ISOLATED
    public static let isolated = PodFlags(rawValue: 1 << 1)
    /// SLUICE_POD_FAIL_SLOW
    public static let failSlow = PodFlags(rawValue: 1 << 2)
    /// SLUICE_POD_NAMES: its policy set has rules for domain names.
    public static let names = PodFlags(rawValue: 1 << 3)
    /// SLUICE_POD_ADDRESSED: all its own addresses are known.
    public static let addressed = PodFlags(rawValue: 1 << 4)
    /// SLUICE_POD_HOST: it shares the host's network namespace.
    public static let host = PodFlags(rawValue: 1 << 5)
    /// SLUICE_POD_ANY_SOURCE: its packets may leave with any source.
    public static let anySource = PodFlags(rawValue: 1 << 6)
    /// SLUICE_POD_ANY_SOCKET
    public static let anySocket = PodFlags(rawValue: 1 << 7)
}

/// An entry of `pods`.
public struct PodEntry: Hashable, Sendable {
    public var policySet: PolicySetID
    public var flags: PodFlags
    /// The pod's own addresses, at most one of each family; `OwnAddresses` in KernelDatapath has further ones.
    public var ownIPv4: IPAddress?
    public var ownIPv6: IPAddress?
    /// Index into `counters`; given by the driver, 0 before that.
    public var slot: UInt32

    public init(
        policySet: PolicySetID, flags: PodFlags, ownIPv4: IPAddress? = nil,
        ownIPv6: IPAddress? = nil, slot: UInt32 = 0
    ) {
        self.policySet = policySet
        self.flags = flags
        self.ownIPv4 = ownIPv4
        self.ownIPv6 = ownIPv6
        self.slot = slot
    }
}
