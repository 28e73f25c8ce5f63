import PolicyModel
import VerdictTables

extension PortPrefix: PrefixKey {
    func bit(_ index: Int) -> Bool { bits >> UInt32(23 - index) & 1 == 1 }

    func commonLength(with other: PortPrefix) -> Int {
        min(length, other.length, (bits ^ other.bits).leadingZeroBitCount - 8)
    }

    /// The fewest prefixes that cover a range of ports.
    static func covering(_ number: UInt8, _ range: ClosedRange<UInt16>) -> [PortPrefix] {
        var prefixes: [PortPrefix] = []
        var next = Int(range.lowerBound)
        while next <= Int(range.upperBound) {
            var size = next == 0 ? 1 << 16 : 1 << next.trailingZeroBitCount
            while next + size - 1 > Int(range.upperBound) { size >>= 1 }
            prefixes.append(
                PortPrefix(
                    bits: UInt32(number) << 16 | UInt32(next),
                    length: 24 - size.trailingZeroBitCount))
            next += size
        }
        return prefixes
    }
}

/// What is said port by port, flattened.
enum PortVerdicts: Hashable {
    case uniform(Decision)
    /// Entries of a longest-prefix map; where none matches, or no port can be read, deny.
    case byPort([PortPrefix: Decision], otherwise: CauseID, dnsPrecedence: Precedence)

    /// What a list of outcomes about addresses comes to.
    ///
    /// - Parameter dnsRuleCount: how many rules for domain names there are.
    init(_ outcomes: [RuleOutcome], dnsRuleCount: Precedence) {
        if let all = Self.sameForAll(outcomes, dnsRuleCount) {
            self = .uniform(all)
            return
        }
        var otherwise = CauseID.none
        if case .decide(let last)? = outcomes.last?.outcome, last.action == .deny { otherwise = last.cause }
        let sweep = PortSweep(
            outcomes.map(\.pattern), alike: { outcomes[$0].isLike(outcomes[$0 - 1]) }, isLast: { outcomes[$0].endsAll })
        let verdicts = sweep.verdicts { outcomes.decision(of: $0, dnsRuleCount: dnsRuleCount) }
        // A port that cannot be read may be any: no name opens it that does not open all.
        let least = verdicts.map(\.own).filter { !$0.action.allows }.map(\.dnsPrecedence)
            .reduce(dnsRuleCount) { $0.minimum($1) }
        self.init(verdicts, missing: Decision(.deny, otherwise, dnsPrecedence: least))
    }

    /// What rules say of a name: where several accept, the first.
    ///
    /// - Parameter rules: in the order in which they are asked, with their numbers.
    init(ofName rules: [CompiledRule]) {
        let patterns = rules.enumerated().flatMap { place, rule in rule.patterns(on: []).map { (place, $0) } }
        let sweep = PortSweep(patterns.map(\.1), alike: { patterns[$0].0 == patterns[$0 - 1].0 })
        let verdicts = sweep.verdicts { covering -> Decision? in
            guard let first = covering.first.map({ rules[patterns[$0].0] }) else { return nil }
            return Decision(
                .allow, first.cause, dnsPrecedence: Precedence(admin: first.namePlace ?? .max, grace: first.nameGrace))
        }
        self.init(verdicts, missing: Decision(.deny, .none, dnsPrecedence: .noName))
    }

    private init(_ verdicts: [PortSweep.Verdict], missing: Decision) {
        var entries: [PortPrefix: Decision] = [:]
        for (prefix, inherited, own) in verdicts where own != inherited ?? missing { entries[prefix] = own }
        if entries.isEmpty {
            self = .uniform(missing)
        } else if entries.count == 1, let all = entries[.everything] {
            self = .uniform(all)
        } else {
            self = .byPort(entries, otherwise: missing.cause, dnsPrecedence: missing.dnsPrecedence)
        }
    }

    /// The decision of a list whose first outcomes are about everything and end it.
    private static func sameForAll(_ outcomes: [RuleOutcome], _ dnsRuleCount: Precedence) -> Decision? {
        let leading = outcomes.prefix { $0.pattern == .everything }
        guard leading.contains(where: { if case .decide = $0.outcome { true } else { false } }),
            leading.count == outcomes.count || !outcomes.contains(where: { $0.stage == .guards })
        else { return nil }
        return outcomes.decision(of: Array(leading.indices), dnsRuleCount: dnsRuleCount)
    }
}
