import KernelDatapath
import PacketLab
import VerdictTables

/// The whole of it, in order.
struct Benchmark {
    private let node: BenchmarkNode
    private let rounds: Int
    private let requests: Int
    private let few: SluiceProgram
    private let many: SluiceProgram
    private let empty: ComparisonProgram
    private let trieFew: ComparisonProgram
    private let trieMany: ComparisonProgram

    private static let manyPrefixes = 100_000
    private static let tcp = "Established TCP, requests and responses"
    private static let udp = "Established UDP, a connected socket"
    private static let opening = "First packets, a new destination each"
    private static let denial = "Denials"

    init(_ node: BenchmarkNode, rounds: Int, requests: Int) throws {
        self.node = node
        self.rounds = rounds
        self.requests = requests
        let (directory, name) = (node.lab.directory, node.lab.name)
        few = try SluiceProgram("Sluice, 10 prefixes", pins: Pins(directory: "/sys/fs/bpf/\(name)-few"))
        many = try SluiceProgram(
            "Sluice, 100,000 prefixes", pins: Pins(directory: "/sys/fs/bpf/\(name)-many"))
        empty = try ComparisonProgram("empty program", source: "empty", in: directory)
        trieFew = try ComparisonProgram(
            "a trie for each packet, 10 prefixes", source: "trie", in: directory,
            sharing: few.pins.path(.addresses))
        trieMany = try ComparisonProgram(
            "a trie for each packet, 100,000 prefixes", source: "trie", in: directory,
            sharing: many.pins.path(.addresses))
    }

    func run() throws -> BenchmarkReport {
        defer { for sluice in [few, many] { sluice.remove() } }
        // Connects are to be denied by the hook, datagrams of connected sockets by egress.
        let settings = NodeSettings(flags: .failFast, levels: node.levels)
        func tables(_ prefixes: Int) -> VerdictTables {
            BenchmarkTables.tables(prefixes: prefixes, pods: node.pods)
        }
        _ = try few.driver.compareAndRepair(desired: tables(10), settings: settings)
        let fill = try ControlPlane.fill(tables(Self.manyPrefixes), many.driver, settings)

        var report = BenchmarkReport()
        let statistics = try StatisticsSwitch()
        var play = Rounds(node)
        func add(_ section: String, _ measurements: [Measurement]) throws {
            let samples = try play.run(measurements, rounds: rounds)
            for (measurement, sample) in zip(measurements, samples) {
                report.rows.append(.init(section: section, name: measurement.name, sample: sample))
            }
        }
        let all: [any Candidate] = [empty, few, many, trieFew, trieMany]
        try add(Self.tcp, all.map {
            Measurement(name: $0.name, candidate: $0, pattern: .tcpRequests, count: requests)
        })
        try add(Self.udp, all.prefix(3).map {
            Measurement(name: $0.name, candidate: $0, pattern: .udpRequests, count: requests / 4)
        })
        try add(Self.opening, [few, many].flatMap { sluice in
            [("TCP", Pattern.tcpFirst), ("UDP", .udpFirst)].map {
                Measurement(
                    name: "\($0), \(sluice.name)", candidate: sluice, pattern: $1, count: 10_000)
            }
        })
        try add(Self.denial, try denials(settings))
        _ = consume statistics

        report.ratios = ratios(report)
        let times = try ControlPlane.changes(many.driver, settings)
        report.controlPlane = ControlPlane(
            fillMilliseconds: fill, arrival: times.arrival, edit: times.edit,
            clearance: times.clearance)
        return report
    }

    /// A datagram reaches egress only where the hooks let it; a connect is refused by its hook.
    private func denials(_ settings: NodeSettings) throws -> [Measurement] {
        var quiet = settings
        quiet.flags = []
        _ = try few.driver.apply(TableChanges(), settings: quiet)
        return [
            Measurement(
                name: "datagram of a denied flow, egress", candidate: few, pattern: .udpDenied,
                count: 10_000),
            Measurement(
                name: "connect, 100,000 prefixes, the connect hook", candidate: many,
                pattern: .tcpDenied, count: 10_000, clock: "connect4"),
        ]
    }

    private func ratios(_ report: BenchmarkReport) -> [BenchmarkReport.Ratio] {
        let base = report[Self.tcp, empty.name]
        let (ten, all) = (report[Self.tcp, few.name], report[Self.tcp, many.name])
        return [
            .init(name: "established TCP / empty program", value: all / base, target: 2),
            .init(
                name: "what it adds / what the trie adds, 100,000 prefixes",
                value: (all - base) / (report[Self.tcp, trieMany.name] - base), target: 0.2),
            .init(name: "established TCP, 100,000 prefixes / 10", value: all / ten, target: 1.1),
        ]
    }
}
