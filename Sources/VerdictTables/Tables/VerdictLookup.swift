public import PolicyModel

/// Something that answers the look-ups of a verdict: tables in memory, or the
/// pinned maps themselves.
public protocol VerdictLookup {
    /// The class of the longest prefix that holds the address, `.other` if none.
    func addressClass(of address: IPAddress) throws -> AddressClassID
    /// The class of the longest prefix that holds the name, if one does.
    func nameClass(of name: DomainName) throws -> NameClassID?
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
    /// The domain name by which it is allowed, where the address alone would not be.
    public var name: DomainName?
}

extension VerdictLookup {
    /// The verdict as bpf/src/policy.h comes to it.
    ///
    /// - Parameters:
    ///   - policySet: the pod's.
    ///   - address: the destination.
    ///   - number: IANA's number of the protocol.
    ///   - port: host order; ignored for protocols without ports.
    ///   - names: what the pod was told the address for, as far as it still counts.
    public func judge(
        _ policySet: PolicySetID, to address: IPAddress, protocol number: UInt8, port: UInt16,
        names: [DomainName] = []
    ) throws -> Judgement {
        let addressClass = try addressClass(of: address)
        var byDefault = false
        var rule = try rule(RuleKey(policySet, addressClass))
        if rule == nil {
            byDefault = true
            rule = try self.rule(RuleKey(policySet, .other))
        }
        let base = try rule.map { try decision(of: $0, number, port) } ?? Decision(.deny, .none)
        var judgement = Judgement(
            decision: base, addressClass: addressClass, rule: rule, byDefault: byDefault)
        guard !base.action.allows else { return judgement }
        for name in names {
            guard let opened = try opened(base, policySet, address, name, number, port) else { continue }
            judgement.decision = opened
            judgement.name = name
            break
        }
        return judgement
    }

    /// What the set's rules for names say of one at public addresses, by itself; nil if none speaks of it.
    public func decision(
        on name: DomainName, of policySet: PolicySetID, protocol number: UInt8, port: UInt16
    ) throws -> Decision? {
        guard let nameClass = try nameClass(of: name),
            let rule = try rule(RuleKey(policySet, nameClass, privateAnswer: false))
        else { return nil }
        return try decision(of: rule, number, port)
    }

    private func decision(of rule: Rule, _ number: UInt8, _ port: UInt16) throws -> Decision {
        switch rule {
        case .always(let always): return always
        case .byPort(let portSet, let otherwise, let dnsPrecedence):
            let hasPorts = TransportProtocol(rawValue: number) != nil
            return try decision(in: portSet, protocol: number, port: hasPorts ? port : 0)
                ?? Decision(.deny, otherwise, dnsPrecedence: dnsPrecedence)
        }
    }

    /// What a name makes of a denial, or of a guard's report; nil if nothing.
    private func opened(
        _ base: Decision, _ policySet: PolicySetID, _ address: IPAddress, _ name: DomainName, _ number: UInt8,
        _ port: UInt16
    ) throws -> Decision? {
        let isGuarded = base.action != .deny
        guard let nameClass = try nameClass(of: name),
            let rule = try rule(
                RuleKey(policySet, nameClass, privateAnswer: isGuarded || !address.isPublic))
        else { return nil }
        let said = try decision(of: rule, number, port)
        guard said.action.allows, said.dnsPrecedence.overrules(base.dnsPrecedence) else { return nil }
        return Decision(isGuarded ? .allowGuarded : said.action, said.cause, dnsPrecedence: said.dnsPrecedence)
    }
}
