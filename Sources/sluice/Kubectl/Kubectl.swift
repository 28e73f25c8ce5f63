import Glibc
import LinuxBase
import SystemPackage

/// The kubectl that called, which knows the way to the cluster.
struct Kubectl {
    /// The label of the agents' pods (manifests/base/daemonset.yaml).
    static let agentLabel = "app.kubernetes.io/name=sluice"
    private static let container = "sluiced"

    /// The agent of a node.
    struct Agent: Hashable {
        var namespace: String
        var pod: String
        var node: String
    }

    /// `--context` and the like, handed on.
    var options: [String] = []

    func agents() throws(Failure) -> [Agent] {
        let rows = try text([
            "get", "pods", "--all-namespaces", "--selector", Self.agentLabel,
            "--field-selector", "status.phase=Running", "--output",
            #"jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name} {.spec.nodeName}{"\n"}{end}"#,
        ])
        return rows.split(separator: "\n").compactMap { row in
            let words = row.split(separator: " ").map(String.init)
            return words.count == 3 ? Agent(namespace: words[0], pod: words[1], node: words[2]) : nil
        }
    }

    func node(ofPod pod: String, namespace: String) throws(Failure) -> String {
        let node = try text([
            "get", "pod", pod, "--namespace", namespace, "--output", "jsonpath={.spec.nodeName}",
        ])
        guard !node.isEmpty else { throw .failed("pod \(namespace)/\(pod) runs on no node yet") }
        return node
    }

    /// A file of that agent's container.
    func contents(of path: String, in agent: Agent) throws(Failure) -> [UInt8] {
        try ask(
            ["exec", "--namespace", agent.namespace, agent.pod, "--container", Self.container, "--", "cat", path])
    }

    /// Becomes the command in that agent; it has the terminal to itself.
    func become(_ agent: Agent, _ arguments: [String]) {
        let words = execution(agent, arguments, isTerminal: isatty(0) == 1 && isatty(1) == 1)
        ChildProcess.withCStrings(["kubectl"] + words) { words in
            _ = execvp("kubectl", words)
        }
    }

    /// Starts the command in that agent; its output goes where this program's goes.
    func start(_ agent: Agent, _ arguments: [String]) throws(Failure) -> ChildProcess {
        do {
            return try ChildProcess.start("kubectl", execution(agent, arguments, isTerminal: false))
        } catch {
            throw .failed("kubectl cannot be run: \(String(cString: strerror(error.rawValue)))")
        }
    }

    private func execution(_ agent: Agent, _ arguments: [String], isTerminal: Bool) -> [String] {
        options
            + ["exec", "--namespace", agent.namespace, agent.pod, "--container", Self.container]
            + (isTerminal ? ["--stdin", "--tty"] : []) + ["--"] + (isTerminal ? [] : Self.width) + ["sluice"]
            + arguments
    }

    /// Without a terminal of its own the command cannot see how wide this one is.
    private static var width: [String] {
        isatty(1) == 1 && Page.width < .max ? ["env", "COLUMNS=\(Page.width)"] : []
    }

    private func text(_ arguments: [String]) throws(Failure) -> String {
        String(decoding: try ask(arguments), as: UTF8.self)
    }

    /// What kubectl prints.
    private func ask(_ arguments: [String]) throws(Failure) -> [UInt8] {
        let ended: ChildProcess.Ended
        do {
            ended = try ChildProcess.run(
                "kubectl", options + arguments, deadline: .seconds(60), limit: 256 << 20)
        } catch {
            throw .failed("kubectl \(error.message)")
        }
        guard ended.status == 0 else {
            throw .failed(String(decoding: ended.err.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
        }
        return ended.out
    }
}
