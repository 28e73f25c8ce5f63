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

/// What a list of claims comes to, flattened.
enum PortVerdicts: Hashable {
    case uniform(Decision)
    /// Entries of a longest-prefix map; where none matches, deny.
    case byPort([PortPrefix: Decision], otherwise: CauseID)

    init(_ claims: [Claim]) {
        if let all = Self.sameForAll(claims) {
            self = .uniform(all)
            return
        }
        var overlay = Overlay<PortPrefix, Int>()
        for (index, claim) in claims.enumerated() {
            switch claim.pattern {
            case .everything:
                overlay.add(index, at: .everything)
            case .everythingBut(let holes):
                overlay.add(index, at: .everything)
                for hole in holes { overlay.carve(index, at: hole) }
            case .ports(let `protocol`, let range):
                for prefix in PortPrefix.covering(`protocol`, range) { overlay.add(index, at: prefix) }
            }
        }
        var otherwise = CauseID.none
        if case .decide(let last)? = claims.last?.outcome, last.action == .deny { otherwise = last.cause }
        let missing = Decision(.deny, otherwise)
        var entries: [PortPrefix: Decision] = [:]
        overlay.walk(from: .everything) { prefix, inherited, own in
            let above = prefix.length == 0 ? missing : claims.decision(of: inherited) ?? missing
            let here = claims.decision(of: own) ?? missing
            if here != above { entries[prefix] = here }
        }
        if entries.isEmpty {
            self = .uniform(missing)
        } else if entries.count == 1, let all = entries[.everything] {
            self = .uniform(all)
        } else {
            self = .byPort(entries, otherwise: otherwise)
        }
    }

    /// The decision of a list whose first claims are about everything and end it.
    private static func sameForAll(_ claims: [Claim]) -> Decision? {
        let leading = claims.prefix { $0.pattern == .everything }
        guard leading.contains(where: { if case .decide = $0.outcome { true } else { false } }),
            leading.count == claims.count || !claims.contains(where: { $0.step == .guards })
        else { return nil }
        return claims.decision(of: Array(leading.indices))
    }
}
