extension DatapathReport {
    /// The numbers to reach that concern packets. With lists of fewer than 100,000 CIDRs the longest counts.
    ///
    /// Quotients are made round by round and their median taken, for what slows the machine for a
    /// while slows both sides.
    public var ratios: [Ratio] {
        guard let most = sizes.last, let least = sizes.first else { return [] }
        let many = sizes.first { $0 >= 100_000 } ?? most
        func time(_ design: Design, _ size: Int) -> Spread? { self[design, size]?.figures[.kernelTCP] }
        func rate(_ design: Design) -> Spread? { self[design, many]?.figures[.requestRate] }
        func ratio(
            _ name: String, _ first: Spread?, _ second: Spread?, _ relation: Ratio.Relation, _ target: Double
        ) -> Ratio? {
            guard let first, let second, let quotient = Spread.pairwise(first, second, /) else { return nil }
            return Ratio(name, quotient.median, relation, target)
        }
        /// What is spent beyond an empty program.
        func added(_ design: Design) -> Spread? {
            guard let whole = time(design, many), let base = time(.empty, many) else { return nil }
            return Spread.pairwise(whole, base, -)
        }
        return [
            ratio("a packet of an established flow, Sluice / an empty program, \(grouped(many)) CIDRs",
                time(.sluice, many), time(.empty, many), .atMost, 2),
            ratio("what Sluice adds to an empty program / what a trie for each packet adds, \(grouped(many)) CIDRs",
                added(.sluice), added(.trie), .atMost, 0.2),
            ratio("a packet of an established flow, \(grouped(most)) CIDRs / \(grouped(least))",
                time(.sluice, most), time(.sluice, least), .atMost, 1.1),
            ratio("TCP requests a second, Sluice / no enforcement, \(grouped(many)) CIDRs",
                rate(.sluice), rate(.none), .atLeast, 0.97),
            ratio("TCP requests a second, Sluice / nftables, \(grouped(many)) CIDRs",
                rate(.sluice), rate(.nftables), .above, 1),
        ].compactMap(\.self)
    }
}

extension Results {
    /// The numbers to reach that concern changes: of the largest cluster, and the memory of a small one.
    static func ratios(
        _ clusters: [ClusterReport], _ small: ClusterReport, _ compiles: [CompileReport]
    ) -> [Ratio] {
        guard let largest = clusters.last else { return [] }
        func beside(_ pods: Int) -> String { "\(grouped(pods)) pods" }
        var ratios = largest.changes.map {
            Ratio("\($0.name), p99, \(beside(largest.pods))", $0.p99, .below, 10, unit: "ms")
        }
        if let compile = compiles.last {
            ratios.append(
                Ratio("first full compile, \(beside(compile.pods))", compile.compile, .below, 5, unit: "s"))
        }
        ratios.append(
            Ratio("resident memory, \(beside(largest.pods))", largest.memory, .below, 250, unit: "MiB", places: 0))
        ratios.append(
            Ratio(
                "resident memory, \(beside(small.pods)), \(small.localPods) of them here", small.memory, .below, 40, unit: "MiB", places: 0))
        return ratios
    }
}
