import PolicyModel
import VerdictTables

/// Lays patterns over one another along the ports of each protocol: at each port, those
/// that cover it are asked, in their order.
///
/// What it costs goes with the ends of ranges and not with the prefixes that cover them.
struct PortSweep {
    /// What is said at a prefix, and what around it; nil where nothing is.
    typealias Verdict = (prefix: PortPrefix, inherited: Decision?, own: Decision)

    /// Patterns next to each other that say the same. The place of the first stands for all.
    fileprivate struct Group {
        var place: Int
        var patterns: [PortPattern]
    }

    private var groups: [Group] = []
    /// Whether nothing that comes after a place can change what is said.
    private let isLast: (Int) -> Bool

    /// - Parameters:
    ///   - alike: whether a pattern says the same as the one before it.
    init(
        _ patterns: [PortPattern], alike: (Int) -> Bool, isLast: @escaping (Int) -> Bool = { _ in false }
    ) {
        self.isLast = isLast
        for (place, pattern) in patterns.enumerated() {
            if place > 0, alike(place) {
                groups[groups.count - 1].patterns.append(pattern)
            } else {
                groups.append(Group(place: place, patterns: [pattern]))
            }
        }
    }

    /// - Parameter decide: gets the places that cover a port, ascending; nil if they say nothing.
    func verdicts(_ decide: ([Int]) -> Decision?) -> [Verdict] {
        var verdicts: [Verdict] = []
        let root = decide(relevant(groups.filter(\.isAboutEveryProtocol).map(\.place)))
        if let root { verdicts.append((.everything, nil, root)) }
        for `protocol` in protocols {
            var ends: [(port: Int, place: Int, isStart: Bool)] = []
            var whole: [Int] = []
            for group in groups {
                let ranges = group.ranges(of: `protocol`)
                if ranges.first == 0...UInt16.max { whole.append(group.place) }
                for range in ranges {
                    ends.append((Int(range.lowerBound), group.place, true))
                    ends.append((Int(range.upperBound) + 1, group.place, false))
                }
            }
            let background = decide(relevant(whole))
            let everyPort = PortPrefix(protocol: `protocol`)
            if let background { verdicts.append((everyPort, root, background)) }
            for run in runs(ends, decide) where run.decision != background {
                for prefix in PortPrefix.covering(`protocol`, run.ports) {
                    verdicts.append((prefix, background ?? root, run.decision))
                }
            }
        }
        return verdicts
    }

    /// The ranges of ports over which one thing is said.
    private func runs(
        _ ends: [(port: Int, place: Int, isStart: Bool)], _ decide: ([Int]) -> Decision?
    ) -> [(ports: ClosedRange<UInt16>, decision: Decision)] {
        let ends = ends.sorted { $0.port < $1.port }
        var runs: [(ports: ClosedRange<UInt16>, decision: Decision)] = []
        var covering: [Int] = []
        var next = 0
        while next < ends.count {
            let port = ends[next].port
            while next < ends.count, ends[next].port == port {
                let index = covering.firstIndex(notBelow: ends[next].place)
                if ends[next].isStart {
                    covering.insert(ends[next].place, at: index)
                } else {
                    covering.remove(at: index)
                }
                next += 1
            }
            guard next < ends.count, let decision = decide(relevant(covering)) else { continue }
            let ports = UInt16(port)...UInt16(ends[next].port - 1)
            if let last = runs.last, last.decision == decision, Int(last.ports.upperBound) + 1 == port {
                runs[runs.count - 1].ports = last.ports.lowerBound...ports.upperBound
            } else {
                runs.append((ports, decision))
            }
        }
        return runs
    }

    private func relevant(_ covering: [Int]) -> [Int] {
        guard let last = covering.firstIndex(where: isLast) else { return covering }
        return Array(covering[...last])
    }

    /// Those that a pattern names.
    private var protocols: [UInt8] {
        var numbers: Set<UInt8> = []
        for pattern in groups.lazy.flatMap(\.patterns) {
            switch pattern {
            case .everything: break
            case .everythingBut(let holes): numbers.formUnion(holes.map(\.protocolNumber))
            case .ports(let `protocol`, _): numbers.insert(`protocol`.rawValue)
            }
        }
        return numbers.sorted()
    }
}

extension PortSweep.Group {
    fileprivate var isAboutEveryProtocol: Bool {
        patterns.contains { if case .ports = $0 { false } else { true } }
    }

    /// The ports of a protocol that it covers, in the fewest ranges, ascending.
    fileprivate func ranges(of number: UInt8) -> [ClosedRange<UInt16>] {
        var ranges: [ClosedRange<UInt16>] = []
        for pattern in patterns {
            switch pattern {
            case .everything: return [0...UInt16.max]
            case .everythingBut(let holes): ranges += Self.outside(holes.filter { $0.protocolNumber == number })
            case .ports(let `protocol`, let range): if `protocol`.rawValue == number { ranges.append(range) }
            }
        }
        return ranges.count < 2 ? ranges : ranges.merged
    }

    private static func outside(_ holes: [PortPrefix]) -> [ClosedRange<UInt16>] {
        var ranges: [ClosedRange<UInt16>] = []
        var next = 0
        for hole in holes.map(\.ports).merged {
            if next < Int(hole.lowerBound) { ranges.append(UInt16(next)...hole.lowerBound - 1) }
            next = Int(hole.upperBound) + 1
        }
        if next <= Int(UInt16.max) { ranges.append(UInt16(next)...UInt16.max) }
        return ranges
    }
}

extension [Int] {
    /// In an ascending list.
    fileprivate func firstIndex(notBelow value: Int) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
