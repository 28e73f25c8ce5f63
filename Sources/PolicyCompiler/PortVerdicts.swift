import PolicyModel
import VerdictTables

extension PortPrefix: PrefixKey {
    func bit(_ index: Int) -> Bool { bits >> UInt32(23 - index) & 1 == 1 }

    func commonLength(with other: PortPrefix) -> Int {
        min(length, other.length, (bits ^ other.bits).leadingZeroBitCount - 8)
    }

    /// The fewest prefixes that cover a range of ports.
    static func covering(_ protocol: TransportProtocol, _ range: ClosedRange<UInt16>) -> [PortPrefix] {
        var prefixes: [PortPrefix] = []
        var next = Int(range.lowerBound)
        while next <= Int(range.upperBound) {
            var size = next == 0 ? 1 << 16 : 1 << next.trailingZeroBitCount
            while next + size - 1 > Int(range.upperBound) { size >>= 1 }
            prefixes.append(
                PortPrefix(
                    bits: UInt32(`protocol`.rawValue) << 16 | UInt32(next),
                    length: 24 - size.trailingZeroBitCount))
            next += size
        }
        return prefixes
    }
}

/// What is said at a prefix, and what around it; nil where nothing is.
private typealias Verdict = (prefix: PortPrefix, inherited: Decision?, own: Decision)

/// What is said port by port, flattened.
enum PortVerdicts: Hashable {
    case uniform(Decision)
    /// Entries of a longest-prefix map; where none matches, or no port can be read, deny.
    case byPort([PortPrefix: Decision], otherwise: CauseID, names: Precedence)

    /// What a list of claims about addresses comes to.
    ///
    /// - Parameter names: how many rules for domain names each tier has.
    init(_ claims: [Claim], names: Precedence) {
        if let all = Self.sameForAll(claims, names) {
            self = .uniform(all)
            return
        }
        var otherwise = CauseID.none
        if case .decide(let last)? = claims.last?.outcome, last.action == .deny { otherwise = last.cause }
        let verdicts = Self.flatten(claims.map(\.pattern)) { claims.decision(of: $0, names: names) }
        // A port that cannot be read may be any: no name opens it that does not open all.
        let least = verdicts.map(\.own).filter { !$0.action.allows }.map(\.names)
            .reduce(names) { $0.least($1) }
        self.init(verdicts, missing: Decision(.deny, otherwise, names: least))
    }

    /// What rules say of a name: where several accept, the first of each tier.
    ///
    /// - Parameter rules: in the order in which they are asked, with their numbers.
    init(admin: [CompiledRule], baseline: [CompiledRule]) {
        let rules = admin + baseline
        let patterns = rules.enumerated().flatMap { place, rule in rule.patterns(on: []).map { (place, $0) } }
        let verdicts = Self.flatten(patterns.map(\.1)) { covering -> Decision? in
            let places = covering.map { patterns[$0].0 }
            guard let first = places.first else { return nil }
            func number(_ isAdmin: Bool) -> UInt16? {
                places.first { ($0 < admin.count) == isAdmin }.flatMap { rules[$0].namePlace }
            }
            return Decision(
                .allow, rules[first].cause,
                names: Precedence(admin: number(true) ?? .max, baseline: number(false) ?? .max))
        }
        self.init(verdicts, missing: Decision(.deny, .none, names: .noName))
    }

    private init(_ verdicts: [Verdict], missing: Decision) {
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

    /// What the patterns that cover each range of ports come to, and those around it.
    ///
    /// - Parameter decide: gets their places, ascending.
    private static func flatten(
        _ patterns: [PortPattern], decide: ([Int]) -> Decision?
    ) -> [Verdict] {
        var overlay = Overlay<PortPrefix, Int>()
        for (index, pattern) in patterns.enumerated() {
            switch pattern {
            case .everything:
                overlay.add(index, at: .everything)
            case .everythingBut(let holes):
                overlay.add(index, at: .everything)
                for hole in holes { overlay.carve(index, at: hole) }
            case .ports(let `protocol`, let range):
                for prefix in PortPrefix.covering(`protocol`, range) { overlay.add(index, at: prefix) }
            }
        }
        var verdicts: [Verdict] = []
        overlay.walk(from: .everything) { prefix, inherited, own in
            guard let decision = decide(own) else { return }
            verdicts.append((prefix, prefix.length == 0 ? nil : decide(inherited), decision))
        }
        return verdicts
    }

    /// The decision of a list whose first claims are about everything and end it.
    private static func sameForAll(_ claims: [Claim], _ names: Precedence) -> Decision? {
        let leading = claims.prefix { $0.pattern == .everything }
        guard leading.contains(where: { if case .decide = $0.outcome { true } else { false } }),
            leading.count == claims.count || !claims.contains(where: { $0.step == .guards })
        else { return nil }
        return claims.decision(of: Array(leading.indices), names: names)
    }
}
