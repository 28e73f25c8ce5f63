import PolicyModel
import VerdictTables

/// A small generator (SplitMix64) whose runs can be repeated by their seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// An address out of few, so that prefixes nest.
    mutating func address() -> IPAddress {
        if Bool.random(using: &self) {
            return IPAddress(ipv4: UInt32(truncatingIfNeeded: next()) & 0x0303_0fff | 0x0a00_0000)
        }
        return IPAddress(high: 0xfd00 << 48 | next() & 0xff, low: next() & 0xf00f)
    }

    mutating func prefix() -> Prefix {
        let address = address()
        return Prefix(address, length: Int.random(in: (address.isIPv4 ? 96 : 0)...128, using: &self))
    }

    mutating func decision() -> Decision {
        Decision(
            Action(rawValue: UInt32.random(in: 0...2, using: &self)) ?? .deny,
            CauseID(rawValue: next()), dnsPrecedence: precedence())
    }

    mutating func precedence() -> Precedence {
        Precedence(
            admin: [0, 1, 2, .max].randomElement(using: &self) ?? 0,
            grace: [0, 1, 2, .max].randomElement(using: &self) ?? 0)
    }

    /// A name out of few, so that domains nest.
    mutating func name() -> DomainName {
        let labels = (0..<Int.random(in: 2...4, using: &self)).map { _ in
            ["a", "b", "ab", "ba"].randomElement(using: &self) ?? "a"
        }
        return DomainName(labels.joined(separator: "."))!
    }

    mutating func portPrefix() -> PortPrefix {
        let number: UInt8 = [1, 6, 17, 132].randomElement(using: &self) ?? 6
        let length = Int.random(in: 7...24, using: &self)
        return PortPrefix(
            bits: UInt32(number) << 16 | UInt32.random(in: 0...0xffff, using: &self),
            length: length == 7 ? 0 : length)
    }

    mutating func tables(entries: Int) -> VerdictTables {
        var tables = VerdictTables()
        for _ in 0..<entries {
            tables.addresses[prefix()] = AddressClassID(rawValue: next() % 64 + 1)
            let portSet = PortSetID(rawValue: next() % 8 | 1 << 40)
            tables.ports[PortKey(portSet, portPrefix())] = decision()
            let rule: Rule =
                Bool.random(using: &self)
                ? .always(decision()) : .byPort(portSet, otherwise: CauseID(rawValue: next()))
            let key = RuleKey(
                PolicySetID(rawValue: next() % 16 + 1), AddressClassID(rawValue: next() % 64))
            tables.rules[key] = rule
            let nameClass = NameClassID.derived(from: next() % 16)
            let name = name()
            tables.names[NamePrefix(Bool.random(using: &self) ? .exact(name) : .below(name))] = nameClass
            let named: Rule =
                Bool.random(using: &self)
                ? .always(decision()) : .byPort(portSet, otherwise: .none, dnsPrecedence: precedence())
            let privateAnswer = Bool.random(using: &self)
            tables.rules[RuleKey(key.policySet, nameClass, privateAnswer: privateAnswer)] = named
        }
        for _ in 0..<min(entries, 100) {
            tables.pods[CgroupID(rawValue: next())] = PodEntry(
                policySet: PolicySetID(rawValue: next() % 16 + 1),
                flags: PodFlags(rawValue: UInt32(next() % 16)),
                ownIPv4: Bool.random(using: &self)
                    ? IPAddress(ipv4: UInt32(truncatingIfNeeded: next())) : nil,
                ownIPv6: Bool.random(using: &self) ? IPAddress(high: next(), low: next()) : nil)
        }
        return tables
    }
}

extension VerdictTables {
    /// As a compiler would give them: without counter slots.
    var withoutSlots: VerdictTables {
        var tables = self
        for key in pods.keys { tables.pods[key]?.slot = 0 }
        return tables
    }
}
