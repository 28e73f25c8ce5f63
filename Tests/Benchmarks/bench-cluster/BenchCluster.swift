import ArgumentParser
import BenchmarkSupport

/// How the real agent keeps up with a large cluster's API.
@main struct BenchCluster: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    static let configuration = CommandConfiguration(
        commandName: "bench-cluster",
        abstract: "Measures first sync, memory, and the way of one change to the kernel. Needs root; judges nothing.",
        discussion: """
            A recorded list is served on loopback by this program, which takes processor time of
            its own; the agent is the one that this build made.
            """)

    @Option(help: "Pods in the cluster.")
    var pods = 100_000

    @Option(help: "NetworkPolicies in the cluster.")
    var policies = 5_000

    @Option(help: "Pods on the measured node.")
    var localPods = 250

    @Option(help: "Changes of each kind.")
    var changes = 1_000

    @Option(name: .shortAndLong, help: "table or json.")
    var output: Format = .table

    func run() throws {
        let cluster = RecordedCluster(pods: pods, policies: policies, localPods: localPods)
        let report = try Benchmark(cluster, changes: changes).run()
        print(output == .json ? try report.json : report.table)
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
