extension [Ratio] {
    public var table: MarkdownTable {
        var table = MarkdownTable(["Number to reach", "measured", "pairs", "to reach", ""])
        for ratio in self {
            table.add([
                ratio.name, ratio.valueText, ratio.estimate.map { grouped($0.pairs) } ?? "", ratio.targetText,
                ratio.outcome == .missed ? "**missed**" : ratio.outcome.rawValue,
            ])
        }
        return table
    }
}

extension DatapathReport {
    /// What a pod's programs see, side by side: medians, and quotients with their intervals.
    ///
    /// - Returns: nil where nobody compared that.
    public var pairsTable: MarkdownTable? {
        let many = Self.many(sizes)
        let designs: [(Design, Int?)] = [(.none, nil), (.sluice, many), (.nftables, many)]
        guard
            let comparison = comparisons.first(where: { comparison in comparison.sides.contains { $0.design == .none } }
            )
        else { return nil }
        var table = MarkdownTable(
            ["Side by side, \(grouped(many)) CIDRs"] + designs.map(\.0.title)
                + ["Sluice / no enforcement", "Sluice / nftables"])
        for measure in Measure.allCases where comparison.figures(measure, .sluice, many) != nil {
            let medians = designs.map { design, size in
                comparison.figures(measure, design, size).map { fixed($0.median, measure.places) } ?? ""
            }
            let quotients = [designs[0], designs[2]].map { other in
                comparison.estimate(measure, [designs[1], other]) { $0[0] / $0[1] }?.text(places: 3) ?? ""
            }
            table.add(["\(measure.title), \(measure.unit)"] + medians + quotients)
        }
        return table
    }
}
