import ArgumentParser
import BenchmarkSupport
import PacketLab

/// Compares what packets cost under Sluice with what they cost under what people would use instead.
@main struct BenchDatapath: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-datapath",
        abstract: "Measures what packets cost under several designs. Needs root; judges nothing.",
        subcommands: [MeasureCommand.self, SweepCommand.self, TrafficCommand.self],
        defaultSubcommand: MeasureCommand.self)
}

struct MeasureCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    static let configuration = CommandConfiguration(commandName: "measure", abstract: "Runs everything.")

    @Option(name: .shortAndLong, help: "table or json.")
    var output: Format = .table

    @Option(name: .customLong("cidrs"), parsing: .upToNextOption, help: "The lengths of the lists.")
    var sizes = [10, 1_000, 100_000, 1_000_000]

    @Option(help: "How often everything is measured for the tables.")
    var rounds = 3

    @Option(help: "How often the candidates of a ratio take turns, besides.")
    var pairs = 80

    @Option(help: "Seconds that each tool sends.")
    var seconds = 1

    @Option(help: "Requests on an established connection, for the kernel's count.")
    var requests = 20_000

    @Flag(help: "Only nanoseconds per run of eBPF programs, by the kernel's count.")
    var kernelOnly = false

    func validate() throws {
        guard !sizes.isEmpty, sizes.allSatisfy({ (2..<PrefixList.count).contains($0) }) else {
            throw ValidationError("--cidrs must each be 2 to \(PrefixList.count - 1)")
        }
        guard rounds >= 0, pairs >= 0, rounds + pairs > 0, seconds > 0, requests >= 20 else {
            throw ValidationError(
                "--rounds or --pairs must be at least 1, --seconds at least 1, --requests at least 20")
        }
    }

    func run() throws {
        let sizes = Set(sizes).sorted()
        let node = try BenchmarkNode(sizes: sizes)
        defer { node.close() }
        let extent = Extent(
            sizes: sizes, rounds: rounds, pairs: pairs, seconds: seconds, requests: requests, kernelOnly: kernelOnly)
        let report = try Benchmark(node, extent).run()
        print(output == .json ? try report.json : report.text)
    }
}

struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Removes what benchmarks and tests that were killed have left behind.")

    func run() { Lab.sweep() }
}
