import ArgumentParser
import BenchmarkSupport
import Glibc
import KernelDatapath
import VerdictTables

/// Compares the datapath's cost per packet with an empty program's and with the usual design's.
@main struct BenchDatapath: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-datapath",
        abstract: "Measures what a packet costs, by the kernel's own count. Needs root; judges nothing.",
        subcommands: [MeasureCommand.self, TrafficCommand.self], defaultSubcommand: MeasureCommand.self)
}

struct MeasureCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Runs everything (two minutes).")

    @Option(name: .shortAndLong, help: "table or json.")
    var output: Format = .table

    @Option(help: "Rounds that count.")
    var rounds = 7

    @Option(help: "Requests on an established TCP connection, each round.")
    var requests = 50_000

    func run() throws {
        let node = try BenchmarkNode()
        defer { node.close() }
        let report = try Benchmark(node, rounds: rounds, requests: requests).run()
        print(output == .json ? try report.json : report.table)
    }
}
