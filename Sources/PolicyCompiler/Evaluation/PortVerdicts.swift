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
    case byPort([PortPrefix: Decision], otherwise: CauseID, names: Precedence)

    /// What a list of claims about addresses comes to.
    ///
    /// - Parameter names: how many rules for domain names there are.
    init(_ claims: [RuleOutcome], names: Precedence) {
        if let all = Self.sameForAll(claims, names) {
            self = .uniform(all)
            return
        }
        var otherwise = CauseID.none
        if case .decide(let last)? = claims.last?.outcome, last.action == .deny { otherwise = last.cause }
        let sweep = PortSweep(
            claims.map(\.pattern), alike: { claims[$0].isLike(claims[$0 - 1]) }, isLast: { claims[$0].endsAll })
        let verdicts = sweep.verdicts { claims.decision(of: $0, names: names) }
        // A port that cannot be read may be any: no name opens it that does not open all.
        let least = verdicts.map(\.own).filter { !$0.action.allows }.map(\.names)
            .reduce(names) { $0.minimum($1) }
        self.init(verdicts, missing: Decision(.deny, otherwise, names: least))
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
                .allow, first.cause, names: Precedence(admin: first.namePlace ?? .max, grace: first.nameGrace))
        }
        self.init(verdicts, missing: Decision(.deny, .none, names: .noName))
    }

    private init(_ verdicts: [PortSweep.Verdict], missing: Decision) {
        var entries: [PortPrefix: Decision] = [:]
        for (prefix, inherited, own) in verdicts where own != inherited ?? missing { entries[prefix] = own }
        if entries.isEmpty {
            self = .uniform(missing)
        } else if entries.count == 1, let all = entries[.everything] {
            self = .uniform(all)
        } else {
            self = .byPort(entries, otherwise: missing.cause, names: missing.names)
        }
    }

    /// The decision of a list whose first claims are about everything and end it.
    private static func sameForAll(_ claims: [RuleOutcome], _ names: Precedence) -> Decision? {
        let leading = claims.prefix { $0.pattern == .everything }
        guard leading.contains(where: { if case .decide = $0.outcome { true } else { false } }),
            leading.count == claims.count || !claims.contains(where: { $0.step == .guards })
        else { return nil }
        return claims.decision(of: Array(leading.indices), names: names)
    }
}
