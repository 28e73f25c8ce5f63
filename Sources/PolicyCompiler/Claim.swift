import PolicyModel
import VerdictTables

/// Which protocols and ports something is said about.
enum PortPattern: Hashable {
    case everything
    case everythingBut([PortPrefix])
    case ports(TransportProtocol, ClosedRange<UInt16>)

    func matches(_ protocol: TransportProtocol, _ port: UInt16) -> Bool {
        switch self {
        case .everything: true
        case .everythingBut(let holes):
            !holes.contains { $0.covers(PortPrefix(protocol: `protocol`.rawValue, port: port)) }
        case .ports(let own, let range): own == `protocol` && range.contains(port)
        }
    }
}

/// One thing said about a destination. Claims are listed in the order in which
/// they are asked; the first that covers a port decides it.
struct Claim: Hashable {
    var pattern: PortPattern
    var decision: Decision
}

extension [Claim] {
    /// The first claim's decision about a port. Lists end with `.everything`.
    func decision(_ protocol: TransportProtocol, _ port: UInt16) -> Decision? {
        first { $0.pattern.matches(`protocol`, port) }?.decision
    }
}

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
        if let first = claims.first, case .everything = first.pattern {
            self = .uniform(first.decision)
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
        let otherwise = claims.last.map { $0.decision.action == .deny ? $0.decision.cause : .none } ?? .none
        let missing = Decision(.deny, otherwise)
        var entries: [PortPrefix: Decision] = [:]
        overlay.walk(from: .everything) { prefix, inherited, own in
            let above = prefix.length == 0 ? missing : inherited.first.map { claims[$0].decision } ?? missing
            let here = own.first.map { claims[$0].decision } ?? missing
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
}
