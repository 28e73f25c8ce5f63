import ArgumentParser
import BenchmarkSupport
import PacketLab

/// What a cluster's size and its changes cost the agent.
@main struct BenchCluster: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    static let configuration = CommandConfiguration(
        commandName: "bench-cluster",
        abstract: "Measures first sync, memory, and the way of one change to the kernel. Needs root; judges nothing.",
        subcommands: [RecordedCommand.self, CompiledCommand.self, CrowdCommand.self, RealCommand.self],
        defaultSubcommand: RecordedCommand.self)
}

/// How large the made-up cluster is.
struct ClusterOptions: ParsableArguments {
    @Option(help: "Pods in the cluster.")
    var pods = 100_000

    @Option(help: "NetworkPolicies in the cluster.")
    var policies = 5_000

    @Option(help: "Pods on the measured node.")
    var localPods = 250

    @Option(name: .shortAndLong, help: "table or json.")
    var output: BenchCluster.Format = .table

    func validate() throws {
        guard pods > 0, policies > 0, localPods > 0 else {
            throw ValidationError("--pods, --policies and --local-pods must be at least 1")
        }
    }

    var cluster: RecordedCluster { RecordedCluster(pods: pods, policies: policies, localPods: localPods) }
}

struct RecordedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recorded", abstract: "The agent beside a large cluster, made up and served by this program.")

    @OptionGroup var options: ClusterOptions

    @Option(help: "Changes of each kind.")
    var changes = 1_000

    func run() throws {
        let report = try RecordedBenchmark(options.cluster, changes: changes).run()
        print(options.output == .json ? try report.json : [report].table.plain)
    }
}

struct CompiledCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compiled", abstract: "The compiler and the writing of its tables alone, and what they touch.")

    @OptionGroup var options: ClusterOptions

    @Option(help: "Changes of each kind.")
    var changes = 1_000

    func run() throws {
        let report = try CompiledBenchmark(options.cluster, changes: changes).run()
        print(options.output == .json ? try report.json : [report].table.plain)
    }
}

struct CrowdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crowd", abstract: "The agent while pods elsewhere come and go all the time.")

    @OptionGroup var options: ClusterOptions

    @Option(help: "Events a second.")
    var rate = 1_000

    @Option(help: "For so many seconds.")
    var seconds = 30

    func run() throws {
        let report = try CrowdBenchmark(cluster: options.cluster, rate: rate, seconds: seconds).run()
        print(options.output == .json ? try report.json : report.table.plain)
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
