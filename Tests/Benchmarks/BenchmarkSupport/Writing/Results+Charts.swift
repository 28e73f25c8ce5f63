extension Results {
    /// What docs/benchmarks.md shows.
    public var charts: [Chart] {
        [
            datapath.chart("requests", .requestRate), datapath.chart("round-trip-p99", .requestTail),
            datapath.chart("connections", .connectRate), datapath.chart("datagrams", .datagramsSent),
            datapath.chart("throughput", .throughput), datapath.chart("kernel-established", .kernelTCP),
            datapath.chart("kernel-first", .kernelFirstTCP), datapath.chart("denied-connect", .deniedConnect),
            datapath.loadingChart, changesChart, memoryChart,
        ]
    }

    private var changesChart: Chart {
        let colours = [Palette.blue, Palette.green, Palette.orange, Palette.red]
        let names = clusters.last?.changes.map(\.name) ?? []
        return Chart(
            "changes", title: "From an event of the API to the kernel's maps, 99th percentile",
            xLabel: "pods in the cluster", yLabel: "ms",
            series: zip(names, colours).map { name, colour in
                Chart.Series(
                    name, colour: colour,
                    points: clusters.compactMap { cluster in
                        cluster.changes.first { $0.name == name }.map { .init(x: cluster.pods, y: $0.p99) }
                    })
            })
    }

    private var memoryChart: Chart {
        Chart(
            "memory", title: "The agent's memory", xLabel: "pods in the cluster", yLabel: "MiB resident",
            series: [
                .init("at the end", colour: Palette.blue, points: clusters.map { .init(x: $0.pods, y: $0.memory) }),
                .init(
                    "peak of the first sync", colour: Palette.orange,
                    points: clusters.map { .init(x: $0.pods, y: $0.peakMemory) }),
            ])
    }
}

extension DatapathReport {
    /// A measure over the length of the list; a design without a list is a level line.
    func chart(_ name: String, _ measure: Measure) -> Chart {
        // With names it is measured at one length.
        let series = Design.allCases.filter { $0 != .named }.compactMap { design -> Chart.Series? in
            let points = sizes.compactMap { size in
                self[design, size]?.figures[measure].map {
                    Chart.Point(x: size, y: $0.median, range: $0.lowest...$0.highest)
                }
            }
            guard !points.isEmpty else { return nil }
            return .init(design.title, colour: Palette.colour(design), isDashed: !design.enforces, points: points)
        }
        return Chart(name, title: measure.title, xLabel: Self.listAxis, yLabel: measure.unit, series: series)
    }

    var loadingChart: Chart {
        func series(_ design: Design, _ name: String, _ seconds: (Loading) -> Double) -> Chart.Series {
            .init(
                name, colour: Palette.colour(design),
                points: sizes.compactMap { size in
                    self[design, size]?.loading.map { .init(x: size, y: seconds($0)) }
                })
        }
        return Chart(
            "loading", title: "Until a list is in force", xLabel: Self.listAxis, yLabel: "s",
            hasLogarithmicValues: true,
            series: [
                series(.sluice, "Sluice, policy to kernel") { ($0.compile ?? 0) + $0.apply },
                series(.nftables, Design.nftables.title) { $0.apply },
                series(.iptables, Design.iptables.title) { $0.apply },
            ])
    }

    private static let listAxis = "CIDRs in the list"
}

/// Colours that can be told apart on white and on black.
enum Palette {
    static let blue = "#1f8fd1"
    static let green = "#2a9d5c"
    static let orange = "#d9822b"
    static let red = "#d1495b"
    static let violet = "#8c6bb1"
    static let grey = "#8a8a8a"

    static func colour(_ design: Design) -> String {
        switch design {
        case .none: grey
        case .empty: violet
        case .sluice, .named: blue
        case .trie: orange
        case .nftables: green
        case .iptables: red
        }
    }
}
