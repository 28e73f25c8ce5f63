extension Results {
    /// Writes every generated part of docs/benchmarks.md anew.
    ///
    /// - Parameter folder: of the charts, as the page has to link them.
    public func fill(_ page: inout MarkedText, charts folder: String) throws(MarkedText.MissingMarker) {
        try page.replace("run", with: runTable.text)
        try page.replace("ratios", with: ratios.table.text)
        try page.replace("pairs", with: datapath.pairsTable?.text ?? "")
        try page.replace("traffic", with: tables(Measure.traffic))
        try page.replace("denials", with: denials)
        try page.replace("kernel", with: tables(Measure.kernel))
        try page.replace("loading", with: datapath.loadingTable?.text ?? "")
        try page.replace("clusters", with: clusters.table.text)
        try page.replace("compiles", with: compiles.table.text)
        try page.replace("crowd", with: crowd.table.text)
        for chart in charts {
            try page.replace(
                "chart \(chart.name)", with: "![\(chart.title), \(chart.yLabel)](\(folder)/\(chart.name).svg)")
        }
    }

    private var runTable: MarkdownTable {
        var table = MarkdownTable(["The run", ""])
        table.add([
            "form", "`make bench BENCH=\(form)`: \(datapath.rounds) rounds, tools for \(datapath.seconds) s each",
        ])
        table.add(["date, commit", "\(date), `\(revision)`"])
        table.add(["machine", datapath.machine])
        table.add(["kernel", datapath.kernel])
        for (tool, version) in datapath.tools.sorted(by: { $0.key < $1.key }) { table.add([tool, version]) }
        return table
    }

    private func tables(_ measures: [Measure]) -> String {
        measures.compactMap { datapath.table($0)?.text }.joined(separator: "\n\n")
    }

    /// The tables, and how a denied connect ended.
    private var denials: String {
        var outcomes = MarkdownTable(["A blocking connect to a denied address ends with", ""])
        for design in Design.allCases where design.enforces {
            let found = Set(datapath.candidates.filter { $0.design == design }.compactMap(\.denial)).sorted()
            outcomes.add([design.title, found.map { "`\($0)`" }.joined(separator: ", ")])
        }
        return tables(Measure.denials) + "\n\n" + outcomes.text
    }

    /// Everything for a terminal.
    public var text: String {
        [
            datapath.text, clusters.table.plain, compiles.table.plain, crowd.table.plain, ratios.table.plain,
        ].joined(separator: "\n\n")
    }
}
