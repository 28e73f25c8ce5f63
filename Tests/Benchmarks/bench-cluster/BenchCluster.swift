import ArgumentParser
import BenchmarkSupport
import PacketLab

/// How the real agent keeps up with a cluster's API.
@main struct BenchCluster: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    static let configuration = CommandConfiguration(
        commandName: "bench-cluster",
        abstract: "Measures first sync, memory, and the way of one change to the kernel. Needs root; judges nothing.",
        subcommands: [RecordedCommand.self, RealCommand.self], defaultSubcommand: RecordedCommand.self)
}

struct RecordedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recorded", abstract: "Beside a large cluster, made up and served by this program.")

    @Option(help: "Pods in the cluster.")
    var pods = 100_000

    @Option(help: "NetworkPolicies in the cluster.")
    var policies = 5_000

    @Option(help: "Pods on the measured node.")
    var localPods = 250

    @Option(help: "Changes of each kind.")
    var changes = 1_000

    @Option(name: .shortAndLong, help: "table or json.")
    var output: BenchCluster.Format = .table

    func run() throws {
        let cluster = RecordedCluster(pods: pods, policies: policies, localPods: localPods)
        let report = try Benchmark(cluster, changes: changes).run()
        print(output == .json ? try report.json : report.table)
    }
}

struct RealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "real",
        abstract: "Through the API server that KUBECONFIG names; makes the namespace sluice-benchmark there.")

    @Option(help: "Changes of each kind.")
    var changes = 1_000

    @Option(name: .shortAndLong, help: "table or json.")
    var output: BenchCluster.Format = .table

    func run() async throws {
        let lab = try Lab()
        defer { lab.close() }
        let report = try await RealCluster(lab, changes: changes).run()
        print(output == .json ? try report.json : report.table)
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
