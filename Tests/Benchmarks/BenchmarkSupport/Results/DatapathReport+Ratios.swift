extension DatapathReport {
    /// The numbers to reach that concern packets, from pairs. With lists of fewer than 100,000 CIDRs the longest
    /// counts.
    public var ratios: [Ratio] {
        guard let most = sizes.last, let least = sizes.first else { return [] }
        let many = Self.many(sizes)
        let cidrs = "\(grouped(many)) CIDRs"
        func rates(_ measure: Measure, _ name: String) -> [Ratio?] {
            [
                ratio(
                    "\(name), Sluice / no enforcement, \(cidrs)", measure, [(.sluice, many), (.none, nil)],
                    .atLeast, 0.97, places: 3
                ) { $0[0] / $0[1] },
                ratio(
                    "\(name), Sluice / nftables, \(cidrs)", measure, [(.sluice, many), (.nftables, many)],
                    .above, 1, places: 3
                ) { $0[0] / $0[1] },
            ]
        }
        let times = [
            ratio(
                "a packet of an established flow, Sluice / an empty program, \(cidrs)", .kernelTCP,
                [(.sluice, many), (.empty, nil)], .atMost, 2
            ) { $0[0] / $0[1] },
            ratio(
                "what Sluice adds to an empty program / what a trie for each packet adds, \(cidrs)", .kernelTCP,
                [(.sluice, many), (.empty, nil), (.trie, many)], .atMost, 0.2
            ) { ($0[0] - $0[1]) / ($0[2] - $0[1]) },
            most == least
                ? nil
                : ratio(
                    "a packet of an established flow, \(grouped(most)) CIDRs / \(grouped(least))", .kernelTCP,
                    [(.sluice, most), (.sluice, least)], .atMost, 1.1
                ) { $0[0] / $0[1] },
        ]
        return
            (times + rates(.requestRate, "TCP requests a second")
            + rates(.wakefulRate, "TCP requests a second, nobody sleeps")).compactMap(\.self)
    }

    /// The length of the lists with which candidates are compared in pairs: 100,000, or else the longest.
    ///
    /// - Parameter sizes: ascending.
    public static func many(_ sizes: [Int]) -> Int { sizes.first { $0 >= 100_000 } ?? sizes.last ?? 0 }

    /// - Parameter combine: what the sides' figures of one block, in that order, come to.
    private func ratio(
        _ name: String, _ measure: Measure, _ sides: [(Design, Int?)], _ relation: Ratio.Relation, _ target: Double,
        places: Int = 2, _ combine: ([Double]) -> Double
    ) -> Ratio? {
        for comparison in comparisons {
            guard let estimate = comparison.estimate(measure, sides, combine) else { continue }
            return Ratio(name, estimate, relation, target, places: places)
        }
        return nil
    }
}

extension Comparison {
    /// - Returns: nil where one of the sides was not measured here.
    func estimate(_ measure: Measure, _ sides: [(Design, Int?)], _ combine: ([Double]) -> Double) -> Estimate? {
        let figures = sides.compactMap { self.figures(measure, $0, $1) }
        guard figures.count == sides.count, let blocks = figures.map(\.count).min() else { return nil }
        return Estimate((0..<blocks).map { block in combine(figures.map { $0[block] }) })
    }
}
