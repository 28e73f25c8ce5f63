import Glibc
import LinuxBase
import SystemPackage

/// `kubectl sluice …`: the same commands; those that ask a node are run in that
/// node's agent by `kubectl exec`.
///
/// kubectl takes any program named kubectl-NAME on the PATH for a plugin and runs
/// it with the arguments that follow NAME.
struct KubectlPlugin {
    /// Commands that ask no node.
    private static let local: Set<String> = ["simulate", "lint", "completion", "help"]

    private var kubectl = Kubectl()
    private var node: String?
    private var arguments: [String]

    /// Whether the program was called by the plugin's name.
    static var isInvoked: Bool {
        let name = CommandLine.arguments.first?.split(separator: "/").last ?? ""
        return name == "kubectl-sluice" || name == "kubectl_sluice"
    }

    /// - Parameter arguments: what follows the program's name. Options before the
    ///   command are the plugin's own.
    init(_ arguments: [String]) throws(Failure) {
        self.arguments = arguments
        while let option = self.arguments.first, ["--node", "--context", "--kubeconfig"].contains(option) {
            guard self.arguments.count > 1 else { throw .badInput("\(option) needs a value") }
            let value = self.arguments[1]
            self.arguments.removeFirst(2)
            if option == "--node" { node = value } else { kubectl.options += [option, value] }
        }
    }

    /// The arguments by which this process answers by itself; nil if the nodes are to
    /// be asked.
    func argumentsHere() throws(Failure) -> [String]? {
        guard let command = arguments.first, !Self.local.contains(command), !command.hasPrefix("-"),
            !arguments.contains("--help"), !arguments.contains("-h")
        else { return arguments }
        guard command == "learn" else { return nil }
        if arguments.contains(where: { $0 == "--from" || $0.hasPrefix("--from=") }) { return arguments }
        // A workload's replicas are on many nodes: what all of them saw makes one policy.
        return arguments + ["--from"] + (try RecordCopies(kubectl, of: try agents(on: node)).paths)
    }

    /// Runs the command where it can be answered.
    /// - Returns: the exit status; the worst where several nodes answer.
    func run() throws(Failure) -> Int32 {
        var wanted = node
        if wanted == nil { wanted = try nodeOfPod() }
        let agents = try agents(on: wanted)
        if agents.count == 1 { kubectl.become(agents[0], arguments) }
        if arguments.first == "top" && !arguments.contains("--once") {
            throw .badInput(
                "top shows one node: say kubectl sluice --node NAME top; there are "
                    + agents.map(\.node).joined(separator: ", "))
        }
        // What does not end is asked of all at once, all else of one after the other.
        let follows = arguments.contains { $0 == "-f" || $0 == "--follow" }
        var running: [(agent: Kubectl.Agent, process: ChildProcess)] = []
        var worst: Int32 = 0
        for agent in agents {
            if !follows { complain("node \(agent.node):") }
            let process = try kubectl.start(agent, arguments)
            if follows { running.append((agent, process)) } else { worst = max(worst, process.wait()) }
        }
        for (agent, process) in running {
            let status = process.wait()
            if status != 0 { complain("node \(agent.node): ended with status \(status)") }
            worst = max(worst, status)
        }
        return worst
    }

    /// Sorted by node, and at least one.
    private func agents(on node: String?) throws(Failure) -> [Kubectl.Agent] {
        let agents = try kubectl.agents().filter { node == nil || $0.node == node }
        guard agents.isEmpty else { return agents.sorted { $0.node < $1.node } }
        throw .failed(
            node.map { "no agent runs on node \($0)" }
                ?? "no agent runs (no running pod with the label \(Kubectl.agentLabel)); see docs/install.md")
    }

    /// The node of the pod that is asked about; nil if it is not about one pod.
    private func nodeOfPod() throws(Failure) -> String? {
        // Every option of these commands has a value.
        var words: [String] = []
        var isValue = false
        for argument in arguments {
            let isOption = !isValue && argument.hasPrefix("-")
            if !isOption && !isValue { words.append(argument) }
            isValue = isOption && !argument.contains("=")
        }
        let pod: String? =
            switch (words.first, words.dropFirst().first) {
            case ("explain", let pod): pod
            case ("maps", "pod"): words.dropFirst(2).first
            default: nil
            }
        guard let pod else { return nil }
        let parts = pod.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix("-") }) else {
            throw .badInput("\(pod): write namespace/name")
        }
        return try kubectl.node(ofPod: parts[1], namespace: parts[0])
    }
}
