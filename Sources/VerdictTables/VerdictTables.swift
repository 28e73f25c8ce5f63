public import PolicyModel

/// The kernel's tables as values: what is wanted, or what was read back.
public struct VerdictTables: Hashable, Sendable {
    public var addresses: [Prefix: AddressClassID] = [:]
    public var rules: [RuleKey: Rule] = [:]
    public var ports: [PortKey: Decision] = [:]
    public var pods: [CgroupID: PodEntry] = [:]

    public init() {}
}

/// Something that answers the look-ups of a verdict: tables in memory, or the
/// pinned maps themselves.
public protocol VerdictLookup {
    /// The class of the longest prefix that holds the address, `.other` if none.
    func addressClass(of address: IPAddress) throws -> AddressClassID
    func rule(_ key: RuleKey) throws -> Rule?
    /// The longest entry of the set that covers the protocol and port.
    func decision(in portSet: PortSetID, protocol: UInt8, port: UInt16) throws -> Decision?
}

/// What was decided, and by way of which look-ups.
public struct Judgement: Hashable, Sendable {
    public var decision: Decision
    public var addressClass: AddressClassID
    /// The rule asked; nil when even the set's own default was missing.
    public var rule: Rule?
    /// Whether it was the set's default and not a rule of the class's own.
    public var byDefault: Bool
}

extension VerdictLookup {
    /// The verdict as bpf/src/judge.h comes to it.
    ///
    /// - Parameter port: host order; ignored for protocols without ports.
    public func judge(
        _ policySet: PolicySetID, to address: IPAddress, protocol number: UInt8, port: UInt16
    ) throws -> Judgement {
        let addressClass = try addressClass(of: address)
        var byDefault = false
        var rule = try rule(RuleKey(policySet, addressClass))
        if rule == nil {
            byDefault = true
            rule = try self.rule(RuleKey(policySet, .other))
        }
        let decision: Decision
        switch rule {
        case nil: decision = Decision(.deny, .none)
        case .always(let always): decision = always
        case .byPort(let portSet, let otherwise):
            let hasPorts = TransportProtocol(rawValue: number) != nil
            decision =
                try self.decision(in: portSet, protocol: number, port: hasPorts ? port : 0)
                ?? Decision(.deny, otherwise)
        }
        return Judgement(
            decision: decision, addressClass: addressClass, rule: rule, byDefault: byDefault)
    }
}

extension VerdictTables: VerdictLookup {
    public func addressClass(of address: IPAddress) -> AddressClassID {
        for length in stride(from: 128, through: 0, by: -1) {
            if let found = addresses[Prefix(address, length: length)] { return found }
        }
        return .other
    }

    public func rule(_ key: RuleKey) -> Rule? { rules[key] }

    public func decision(in portSet: PortSetID, protocol number: UInt8, port: UInt16) -> Decision? {
        let bits = UInt32(number) << 16 | UInt32(port)
        for length in [Int](8...24).reversed() + [0] {
            if let found = ports[PortKey(portSet, PortPrefix(bits: bits, length: length))] {
                return found
            }
        }
        return nil
    }
}
