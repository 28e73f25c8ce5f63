import PolicyModel
import VerdictTables

/// What policies would make, counted before it is made.
///
/// Values in, numbers out; what it costs is about what reading the objects cost.
struct PolicyWork: Sendable {
    /// A rule, as far as it makes work.
    struct Rule: Sendable {
        var peers: Peers
        /// How many prefixes cover its ports.
        var ports: Int
        var selectorTerms: Int
    }

    /// As the object has them: a list may name a million blocks.
    enum Peers: Sendable {
        case everything
        case some([Peer])
        case cluster([ClusterPeer])

        func forEachBlock(_ body: (IPBlock) -> Void) {
            switch self {
            case .everything: break
            case .some(let peers):
                for case .block(let block) in peers { body(block) }
            case .cluster(let peers):
                for case .network(let prefix) in peers { body(IPBlock(prefix)) }
            }
        }

        var isEverything: Bool { if case .everything = self { true } else { false } }
    }

    private let rules: [Rule]

    private static let everything = Prefix(IPAddress(high: 0, low: 0), length: 0)

    init(_ policy: NetworkPolicy) { rules = policy.rules.map(Rule.init) }
    init(_ policy: ClusterNetworkPolicy) { rules = policy.rules.map(Rule.init) }
    init(_ all: [PolicyWork]) { rules = all.flatMap(\.rules) }

    /// What can be told of it without looking how blocks lie.
    struct Size: Hashable {
        var blocks = 0
        /// Blocks with holes; only those can be several around the same addresses.
        var carved = 0
        var holes = 0
        /// How many rules name blocks.
        var blockRules = 0
        var ports = 0
        var selectorTerms = 0
        /// Lengths of blocks, by family: as many can lie around one another.
        var lengths: [Set<Int>] = [[], []]

        /// Whether no bound can be passed, however blocks lie.
        var isSmall: Bool { most.allSatisfy { $0.value <= $0.key.bound } }

        /// Both together.
        func adding(_ other: Size) -> Size {
            Size(
                blocks: blocks + other.blocks, carved: carved + other.carved, holes: holes + other.holes,
                blockRules: blockRules + other.blockRules, ports: ports + other.ports,
                selectorTerms: selectorTerms + other.selectorTerms,
                lengths: zip(lengths, other.lengths).map { $0.union($1) })
        }

        /// What it brings of what is measured, beside others.
        func share(in measure: Excess.Measure) -> Int {
            switch measure {
            case .portEntries: ports
            case .nestedBlocks: blocks
            case .selectorTerms: selectorTerms
            }
        }

        /// More than what it comes to, by any measure.
        var most: [Excess.Measure: Int] {
            let prefixes = blocks + holes + 1
            let sets = blockRules < 20 ? min(1 << blockRules, prefixes) : prefixes
            let entries = sets.multipliedReportingOverflow(by: ports)
            return [
                .selectorTerms: selectorTerms, .nestedBlocks: carved + lengths.reduce(0) { max($0, $1.count) },
                .portEntries: entries.overflow ? .max : entries.partialValue,
            ]
        }
    }

    var size: Size {
        var size = Size()
        for rule in rules {
            size.ports += rule.ports
            size.selectorTerms += rule.selectorTerms
            let before = size.blocks
            defer { size.blockRules += size.blocks == before ? 0 : 1 }
            rule.peers.forEachBlock { block in
                size.blocks += 1
                size.carved += block.except.isEmpty ? 0 : 1
                size.holes += block.except.count
                size.lengths[block.prefix.isIPv4 ? 0 : 1].insert(block.prefix.length)
            }
        }
        return size
    }

    /// What is asked for beyond the bounds; nil if nothing is.
    func excess(_ size: Size) -> Excess? {
        for (measure, most) in size.most.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where most > measure.bound {
            let count =
                switch measure {
                case .selectorTerms: size.selectorTerms
                case .nestedBlocks: deepestNesting
                case .portEntries: portEntries
                }
            if count > measure.bound { return Excess(measure: measure, count: count) }
        }
        return nil
    }

    /// The most blocks around one address, holes not counted.
    private var deepestNesting: Int {
        var tree = PrefixTree<Prefix, Int>()
        var blocks: Set<IPBlock> = []
        for rule in rules { rule.peers.forEachBlock { blocks.insert($0) } }
        for block in blocks {
            tree.update(block.prefix) { $0 = ($0 ?? 0) + 1 }
        }
        var deepest = 0
        tree.walk(below: Self.everything, inheriting: 0) { _, own, inherited in
            deepest = max(deepest, inherited + own)
            return inherited + own
        }
        return deepest
    }

    /// The entries that rules' ports come to: those of each set of rules that holds
    /// for some address. Counting ends where it is too many.
    private var portEntries: Int {
        let everywhere = rules.indices.filter { rules[$0].peers.isEverything }.reduce(0) { $0 + rules[$1].ports }
        var overlay = Overlay<Prefix, Int>()
        for (index, rule) in rules.enumerated() where rule.ports > 0 {
            rule.peers.forEachBlock { block in
                overlay.add(index, at: block.prefix)
                for hole in block.except { overlay.carve(index, at: hole) }
            }
        }
        var seen: Set<[Int]> = []
        var entries = everywhere
        overlay.walk(from: Self.everything) { _, _, own in
            guard entries <= ObjectBounds.portEntries, seen.insert(own).inserted else { return }
            entries += everywhere + own.reduce(0) { $0 + rules[$1].ports }
        }
        return entries
    }
}

extension PolicyWork.Rule {
    init(_ rule: PolicyRule) {
        var terms = 0
        for peer in rule.peers ?? [] {
            switch peer {
            case .block: break
            case .pods(.own, let pods): terms += pods.terms
            case .pods(.matching(let namespaces), let pods): terms += namespaces.terms + pods.terms
            }
        }
        self.init(
            peers: rule.peers.map(PolicyWork.Peers.some) ?? .everything, ports: PortPrefix.count(covering: rule.ports),
            selectorTerms: terms)
    }

    init(_ rule: TierPolicyRule) {
        var terms = 0
        for peer in rule.peers ?? [] {
            switch peer {
            case .network, .domains: break
            case .pods(let selection): terms += selection.namespaces.terms + selection.pods.terms
            case .nodes(let selector): terms += selector.terms
            }
        }
        self.init(
            peers: rule.peers.map(PolicyWork.Peers.cluster) ?? .everything,
            ports: PortPrefix.count(covering: rule.ports),
            selectorTerms: terms)
    }
}

extension LabelSelector {
    /// Itself, and every value that it compares.
    fileprivate var terms: Int { requirements.reduce(1) { $0 + 1 + $1.values.count } }
}

extension PortPrefix {
    /// How many prefixes cover a rule's ports; names count as one port.
    fileprivate static func count(covering ports: [PolicyPort]?) -> Int {
        guard let ports else { return 0 }
        var count = 0
        for `protocol` in TransportProtocol.allCases {
            var ranges: [ClosedRange<UInt16>] = []
            for port in ports where port.protocol == `protocol` {
                switch port.number {
                case .any: ranges.append(0...UInt16.max)
                case .range(let range): ranges.append(range)
                case .named: count += 1
                }
            }
            for range in ranges.merged { count += covering(`protocol`.rawValue, range).count }
        }
        return count
    }
}

extension [ClosedRange<UInt16>] {
    /// The same ports in the fewest ranges, ascending.
    var merged: [ClosedRange<UInt16>] {
        var result: [ClosedRange<UInt16>] = []
        for range in sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 {
                result[result.count - 1] = last.lowerBound...Swift.max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}
