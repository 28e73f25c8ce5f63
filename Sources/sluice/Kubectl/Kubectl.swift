import Glibc
import KubernetesClient

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
        withWords(execution(agent, arguments, isTerminal: isatty(0) == 1 && isatty(1) == 1)) { words in
            _ = execvp("kubectl", words)
        }
    }

    /// Starts the command in that agent; its output goes where this program's goes.
    func start(_ agent: Agent, _ arguments: [String]) throws(Failure) -> pid_t {
        var process = pid_t()
        let result = withWords(execution(agent, arguments, isTerminal: false)) { words in
            posix_spawnp(&process, "kubectl", nil, nil, words, environ)
        }
        guard result == 0 else { throw .failed("kubectl cannot be run: \(String(cString: strerror(result)))") }
        return process
    }

    /// - Returns: the exit status; 128 and the signal's number if a signal ended it.
    static func wait(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
    }

    private func execution(_ agent: Agent, _ arguments: [String], isTerminal: Bool) -> [String] {
        ["kubectl"] + options
            + ["exec", "--namespace", agent.namespace, agent.pod, "--container", Self.container]
            + (isTerminal ? ["--stdin", "--tty"] : []) + ["--"] + (isTerminal ? [] : Self.width) + ["sluice"] + arguments
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
                "kubectl", options + arguments, environment: ProcessEnvironment.all, deadline: .seconds(60),
                limit: 256 << 20)
        } catch {
            throw .failed("kubectl \(error.message)")
        }
        guard ended.status == 0 else {
            throw .failed(String(decoding: ended.err.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
        }
        return ended.out
    }

    private func withWords<Result>(
        _ words: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        var copies: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        copies.append(nil)
        defer { for copy in copies { free(copy) } }
        return body(copies)
    }
}
