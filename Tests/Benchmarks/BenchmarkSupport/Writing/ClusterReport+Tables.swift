extension [ClusterReport] {
    /// The real agent, from a made-up API server to the kernel's maps.
    public var table: MarkdownTable {
        var table = MarkdownTable(
            ["The agent, \(grouped(first?.policies ?? 0)) policies"] + map { "\(grouped($0.pods)) pods" })
        func add(_ name: String, _ cell: (ClusterReport) -> String) { table.add([name] + map(cell)) }
        add("pods of the node's own") { grouped($0.localPods) }
        add("first sync, s") { fixed($0.firstSync, 2) }
        add("of it, the agent's processor time, s") { fixed($0.firstSyncProcessor, 2) }
        add("resident memory, peak of the first sync, MiB") { fixed($0.peakMemory, 0) }
        add("resident memory at the end, MiB") { fixed($0.memory, 0) }
        for change in first?.changes ?? [] {
            add("\(change.name), ms, p50 / p99") { report in
                report.changes.first { $0.name == change.name }.map { "\(fixed($0.p50, 2)) / \(fixed($0.p99, 2))" }
                    ?? ""
            }
        }
        for map in last?.maps ?? [] {
            add("kernel map `\(map.name)`, entries, MiB") { report in
                report.maps.first { $0.name == map.name }.map(\.text) ?? ""
            }
        }
        return table
    }
}

extension MapSize {
    var text: String { "\(grouped(entries)), \(fixed(mebibytes, 1))" }
}

extension [CompileReport] {
    /// The compiler and the writing of its tables alone.
    public var table: MarkdownTable {
        var table = MarkdownTable(
            ["Compile and apply, \(grouped(first?.policies ?? 0)) policies"] + map { "\(grouped($0.pods)) pods" })
        func add(_ name: String, _ cell: (CompileReport) -> String) { table.add([name] + map(cell)) }
        add("first full compile, s") { fixed($0.compile, 2) }
        add("all tables to the kernel, s") { fixed($0.apply, 2) }
        add("entries") { grouped($0.entries) }
        for change in first?.changes ?? [] {
            func found(_ report: CompileReport) -> CompileReport.Change? {
                report.changes.first { $0.name == change.name }
            }
            add("\(change.name), ms, p50 / p99") { report in
                found(report).map { "\(fixed($0.p50, 2)) / \(fixed($0.p99, 2))" } ?? ""
            }
            add("\(change.name), entries touched, median / most") { report in
                found(report).map { "\(grouped($0.entries)) / \(grouped($0.mostEntries))" } ?? ""
            }
        }
        return table
    }
}

extension CrowdReport {
    public var table: MarkdownTable {
        var table = MarkdownTable(["\(grouped(pods)) pods, \(grouped(policies)) policies", ""])
        table.add(["events a second, wanted / sent", "\(fixed(wantedRate, 0)) / \(fixed(rate, 0))"])
        table.add(["for so long, s", fixed(seconds, 1)])
        table.add(["keeps up", keepsUp ? "yes" : "**no**"])
        table.add([
            "lag from an event to the kernel's map, ms, p50 / p99 / highest of \(grouped(probes))",
            "\(fixed(lagMedian, 1)) / \(fixed(lagTail, 1)) / \(fixed(lagHighest, 1))",
        ])
        table.add(["lag of the last event, ms", fixed(drain, 1)])
        table.add(["processors that the agent kept busy", fixed(processor, 2)])
        table.add(["first sync, s, and its processor time", "\(fixed(firstSync, 1)), \(fixed(firstSyncProcessor, 1))"])
        table.add(["resident memory, peak / at the end, MiB", "\(fixed(peakMemory, 0)) / \(fixed(memory, 0))"])
        for map in maps { table.add(["kernel map `\(map.name)`, entries, MiB", map.text]) }
        return table
    }
}
