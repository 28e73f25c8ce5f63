import Glibc
import TestHarness
import Testing

/// The tool under the plugin's name, with a kubectl that tells what it was asked.
@Suite("kubectl sluice", .serialized)
struct KubectlPluginTests {
    private let directory: TemporaryDirectory

    /// - Parameter agents: lines of namespace, pod and node.
    init() throws {
        directory = try TemporaryDirectory()
        #expect(symlink(Programs.path("sluice"), directory.path("kubectl-sluice")) == 0)
    }

    private func run(_ arguments: [String], agents: String, node: String = "b") async throws -> Programs.Ended {
        try directory.write(
            "kubectl",
            """
            #!/bin/sh
            case "$*" in
            *"get pods"*) printf '\(agents)' ;;
            *"get pod gone"*) echo 'Error from server (NotFound): pods "gone" not found' >&2; exit 1 ;;
            *"get pod"*) printf '\(node)' ;;
            *"cat /var/lib/sluice/flows.jsonl") case "$*" in
                *agent-1*) cat '\(directory.path("records"))' ;; *) echo 'no such file' >&2; exit 1 ;; esac ;;
            *exec*) echo "$*"; case "$*" in *agent-2*) exit 3 ;; esac ;;
            esac
            """)
        #expect(chmod(directory.path("kubectl"), 0o755) == 0)
        return try await Programs.run(
            "/usr/bin/env",
            ["PATH=\(directory.root):/usr/bin:/bin", directory.path("kubectl-sluice")] + arguments)
    }

    private static let two = "kube-system agent-1 a\\nkube-system agent-2 b\\n"

    @Test("a question to the nodes is asked in each one's agent, and the worst status counts")
    func everyNode() async throws {
        let ended = try await run(["status", "-o", "json"], agents: Self.two)
        #expect(
            ended.out == """
                exec --namespace kube-system agent-1 --container sluiced -- sluice status -o json
                exec --namespace kube-system agent-2 --container sluiced -- sluice status -o json

                """)
        #expect(ended.err.contains("node a:") && ended.err.contains("node b:"))
        #expect(ended.status == 3)
    }

    @Test("a question about a pod is asked on its node alone")
    func onePod() async throws {
        for question in [
            ["explain", "shop/web", "--to", "10.0.0.1:80"], ["explain", "--to", "shop/api:80", "shop/web"],
            ["maps", "pod", "shop/web"],
        ] {
            let ended = try await run(question, agents: Self.two)
            #expect(ended.out.hasPrefix("exec --namespace kube-system agent-2 "))
            #expect(ended.out.hasSuffix("-- sluice \(question.joined(separator: " "))\n"))
            #expect(ended.status == 3)
        }
        let gone = try await run(["explain", "shop/gone", "--to", "10.0.0.1:80"], agents: Self.two)
        #expect(gone.status == 1 && gone.err.contains("pods \"gone\" not found"))
        let waiting = try await run(["maps", "pod", "shop/web"], agents: Self.two, node: "")
        #expect(waiting.status == 1 && waiting.err.contains("runs on no node yet"))
        let unnamed = try await run(["explain", "web"], agents: Self.two)
        #expect(unnamed.status == 2 && unnamed.err.contains("write namespace/name"))
    }

    @Test("options before the command choose the cluster and the node")
    func options() async throws {
        let ended = try await run(["--context", "test", "--node", "a", "status"], agents: Self.two)
        #expect(
            ended.out
                == "--context test exec --namespace kube-system agent-1 --container sluiced -- sluice status\n")
        let nowhere = try await run(["--node", "c", "status"], agents: Self.two)
        #expect(nowhere.status == 1 && nowhere.err.contains("no agent runs on node c"))
        let empty = try await run(["status"], agents: "")
        #expect(empty.status == 1 && empty.err.contains("no agent runs"))
    }

    @Test("policies are learned from what all nodes recorded, and a node that has nothing is told of")
    func learning() async throws {
        try directory.write("records", #"{"version":1,"forgotten":0,"cluster":{}}"# + "\n")
        let ended = try await run(["learn", "-n", "shop"], agents: Self.two)
        #expect(ended.err.contains("node b is left out: no such file"), "\(ended)")
        #expect(!ended.err.contains("node a"), "\(ended)")
        #expect(!ended.out.contains("exec"))
        let nowhere = try await run(["--node", "b", "learn"], agents: Self.two)
        #expect(nowhere.status == 1 && nowhere.err.contains("no node has recorded flows"), "\(nowhere)")
    }

    @Test("what asks no node is answered here")
    func local() async throws {
        let help = try await run(["explain", "--help"], agents: "")
        #expect(help.status == 0 && help.out.contains("USAGE: sluice explain"))
        let simulated = try await run(
            ["simulate", "--objects", "/nowhere", "--pod", "a/b", "--to", "10.0.0.1:80"], agents: "")
        #expect(simulated.status == 2 && simulated.err.contains("/nowhere"))
    }
}
