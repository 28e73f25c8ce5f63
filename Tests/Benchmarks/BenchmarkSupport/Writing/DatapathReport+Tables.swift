extension DatapathReport {
    /// A measure under each design: medians, and the lowest and highest round behind them.
    ///
    /// - Returns: nil where nobody measured it.
    public func table(_ measure: Measure) -> MarkdownTable? {
        let candidates = candidates.filter { $0.figures[measure] != nil }
        guard !candidates.isEmpty else { return nil }
        let hasListless = candidates.contains { $0.prefixes == nil }
        var table = MarkdownTable(
            ["\(measure.title), \(measure.unit)"] + (hasListless ? ["no list"] : [])
                + sizes.map { "\(grouped($0)) CIDRs" })
        for design in Design.allCases where candidates.contains(where: { $0.design == design }) {
            let columns: [Int?] = (hasListless ? [nil] : []) + sizes
            table.add(
                [design.title]
                    + columns.map { size in
                        guard (size == nil) != design.enforces else { return "" }
                        return self[design, size]?.figures[measure].map { text($0, measure) } ?? ""
                    })
        }
        return table
    }

    private func text(_ spread: Spread, _ measure: Measure) -> String {
        func number(_ value: Double) -> String { fixed(value, measure.places) }
        return "\(number(spread.median)) (\(number(spread.lowest))–\(number(spread.highest)))"
    }

    /// How long each list took to be in force, in seconds, and what who is denied gets to know.
    public var loadingTable: MarkdownTable? {
        let candidates = candidates.filter { $0.loading != nil }
        guard !candidates.isEmpty else { return nil }
        var table = MarkdownTable(["Loading a list, s"] + sizes.map { "\(grouped($0)) CIDRs" })
        func add(_ name: String, _ design: Design, _ seconds: (Loading) -> Double?) {
            table.add([name] + sizes.map { self[design, $0]?.loading.flatMap(seconds).map { fixed($0, 2) } ?? "" })
        }
        add("Sluice, from the policy to its tables", .sluice) { $0.compile }
        add("Sluice, from the tables to the kernel", .sluice) { $0.apply }
        for design in [Design.nftables, .iptables] where candidates.contains(where: { $0.design == design }) {
            add(design.title, design) { $0.apply }
        }
        return table
    }

    /// Everything for a terminal.
    public var text: String {
        var parts = ["\(machine), \(kernel)\nMedians of \(rounds) interleaved rounds (lowest–highest)."]
        parts += Measure.allCases.compactMap { table($0)?.plain }
        if let loadingTable { parts.append(loadingTable.plain) }
        if let pairsTable { parts.append(pairsTable.plain) }
        parts.append(ratios.table.plain)
        return parts.joined(separator: "\n\n")
    }
}
