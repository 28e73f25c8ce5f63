import AgentAPI
import AgentConfiguration
import ArgumentParser
import Flows
import Learning
import PolicyCompiler
import PolicyModel

struct LearnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "Generates policies from recorded flows, or checks policies against them.",
        discussion: """
            Reads the flows that sluiced recorded on this node, with or without a running
            agent. --from reads such files from other places, several at once: flows.jsonl
            of every node. --objects are YAML or JSON as kubectl takes them; they describe
            labels and the pods behind services better than the records.

            Destinations with domain names go into a ClusterNetworkPolicy beside the
            NetworkPolicy, which has no names; --no-names writes their addresses instead.

            --verify writes nothing: it computes the verdict of every recorded flow under
            the policies of these files. Exit status 1: a flow that passed would be
            denied.

            Examples:
              sluice learn -n shop
              sluice learn --from node-*.jsonl --since 7d --output policies/
              sluice learn -n shop --verify policies/*.yaml
            """)

    @Option(name: .shortAndLong, help: "Only pods of this namespace.")
    var namespace: String?

    @Option(help: "Only pods of the workload of this name.")
    var workload: String?

    @Option(help: "Only flows since this time: 90s, 15m, 24h, 7d, or RFC 3339.")
    var since: Since?

    @Option(parsing: .upToNextOption, help: "Files of recorded flows, or - for standard input.")
    var from: [String] = []

    @Option(help: "The directory of recorded flows. (default: /var/lib/sluice, or the value of --state-dir)")
    var directory: String?

    @Option(help: "The directory of the agent's snapshot.")
    var stateDir = Configuration().stateDirectory

    @Option(parsing: .upToNextOption, help: "Files with the cluster's objects.")
    var objects: [String] = []

    @Option(help: ArgumentHelp("Write one file for each policy into this directory.", valueName: "dir"))
    var output: String?

    @Option(parsing: .upToNextOption, help: "Files of policies to check.")
    var verify: [String] = []

    @Option(help: "With --verify: the agent's configuration file, for its guards and exemptions.")
    var config: String?

    @Option(name: .customShort("o"), help: "With --verify: the output format.")
    var format = Format.table

    @Flag(help: "Also write rules for denied flows, marked as such.")
    var includeDenied = false

    @Flag(help: "Add a policy that isolates all pods of each namespace.")
    var defaultDeny = false

    @Flag(inversion: .prefixedNo, help: "Write rules with domain names if they are known.")
    var names = true

    @Option(name: .customLong("cidr-v4-max"), help: "The prefix length of the widest IPv4 block.")
    var widestIPv4 = PolicyGenerator.Options().widestIPv4

    @Option(name: .customLong("cidr-v6-max"), help: "The prefix length of the widest IPv6 block.")
    var widestIPv6 = PolicyGenerator.Options().widestIPv6

    func validate() throws {
        guard (0...32).contains(widestIPv4) else {
            throw ValidationError("--cidr-v4-max is a length from 0 to 32")
        }
        guard (0...128).contains(widestIPv6) else {
            throw ValidationError("--cidr-v6-max is a length from 0 to 128")
        }
        if !verify.isEmpty, output != nil || includeDenied || defaultDeny {
            throw ValidationError(
                "--verify writes no policies: leave out --output, --include-denied and --default-deny")
        }
    }

    func run() throws {
        try exiting {
            let input = try RecordedInput(
                files: from, directory: directory ?? Configuration.recordDirectory(stateDirectory: stateDir),
                stateDirectory: stateDir
            ).flows
            let start = since?.time ?? FlowTime(nanoseconds: 0)
            let records = input.records.unsorted.filter { $0.seen.last >= start }
            if input.records.forgotten > 0 {
                complain(
                    "\(input.records.forgotten) records had to make room and are not there; see learn.maxRecords")
            }
            let objects = try ObjectFiles.read(objects)
            if verify.isEmpty {
                try write(lesson(records, input.cluster, objects), from: records)
            } else {
                let check = Verification(
                    replay: Replay(chosen(records), cluster: input.cluster, objects: objects),
                    policies: try ObjectFiles.read(verify), options: try GuardOptions.compilerOptions(config))
                try check.run(format)
            }
        }
    }

    private static let mostWarnings = 20

    private func chosen(_ records: [FlowRecord]) -> [FlowRecord] {
        records.filter { record in
            let source = record.key.source
            return namespace.map { $0 == source.namespace } ?? true
                && workload.map { $0 == source.workload?.name } ?? true
        }
    }

    private func lesson(
        _ records: [FlowRecord], _ cluster: RecordedCluster, _ objects: [ClusterObject]
    ) -> PolicyGenerator.LearningResult {
        var options = PolicyGenerator.Options()
        options.includeDenied = includeDenied
        options.defaultDeny = defaultDeny
        options.widestIPv4 = widestIPv4
        options.widestIPv6 = widestIPv6
        options.domainNames = names
        return PolicyGenerator(records, cluster: cluster, objects: objects, options: options)
            .lesson(namespace: namespace, workload: workload)
    }

    private func write(_ lesson: PolicyGenerator.LearningResult, from records: [FlowRecord]) throws {
        for warning in lesson.warnings.prefix(Self.mostWarnings) { complain("warning: \(warning)") }
        let more = lesson.warnings.count - Self.mostWarnings
        if more > 0 { complain("warning: and \(more) more of which no rule was made") }
        guard !lesson.policies.isEmpty else {
            return complain("none: no flow was seen that a policy could be made of (\(records.count) records)")
        }
        if let output {
            try PolicyFiles.write(lesson.policies, to: output)
        } else {
            print(lesson.policies.map(\.yaml).joined(separator: "---\n"), terminator: "")
        }
    }
}
