import Agent
import AgentAPI
import Glibc
import KernelDatapath
import Logging
import PolicyModel
import TestHarness
import Testing
import VerdictTables

/// What an agent does that lasts: its files, its health, its first and its last words.
@Suite struct LastingTests {
    private func mode(_ path: String) -> UInt32 {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    /// Everything below a directory, by path.
    private func files(below directory: String) -> [String] {
        TemporaryDirectory.names(directory).flatMap { name in
            ["\(directory)/\(name)"] + files(below: "\(directory)/\(name)")
        }
    }

    @Test("C7: what the agent keeps is its owner's alone, also where kubelet or an older agent left it open")
    func modes() async throws {
        try await AgentLab.with { lab in
            let state = lab.files.path("state")
            try lab.files.makeDirectory("state/last-good")
            for name in [
                "policies.json", "past-traffic.json", "audit.log.1", ".state.json.1.draft", "last-good/old.yaml",
            ] {
                try lab.files.write("state/\(name)", "")
                chmod("\(state)/\(name)", 0o644)
            }
            for directory in [state, "\(state)/last-good"] { chmod(directory, 0o755) }
            try lab.isolateWeb()
            let agent = try await lab.start()
            try await eventually("all files are there") {
                let names = TemporaryDirectory.names(state)
                return ["state.json", "policies.json", "run.json", "agent.sock", "health.sock", "agent.lock"]
                    .allSatisfy(names.contains)
            }
            agent.signal(SIGTERM)
            _ = try await agent.ended(within: 10)
            #expect(mode(state) == 0o700)
            #expect(!TemporaryDirectory.names(state).contains(".state.json.1.draft"))
            for path in files(below: state) {
                #expect(mode(path) & 0o077 == 0, "\(path) has mode \(String(mode(path), radix: 8))")
            }
            // A directory that others use too is left to them.
            try lab.files.write("state/theirs", "")
            chmod("\(state)/theirs", 0o644)
            chmod(state, 0o755)
            let second = try await lab.start()
            #expect(second.log.contains("\(state) is open to others and stays so, as theirs in it"), "\(second.log)")
            #expect(mode(state) == 0o755 && mode("\(state)/theirs") == 0o644)
        }
    }

    @Test("C9: who holds the agent's port answers no probe for it, and status and readyz say so")
    func health() async throws {
        try await AgentLab.with { lab in
            let holder = try PlainClient(listening: ())
            func health(_ words: String...) async throws -> Programs.Ended {
                try await Programs.run("sluice", ["health", "--state-dir", lab.files.path("state")] + words)
            }
            let nobody = try await health("--live")
            #expect(nobody.status == 1 && nobody.err.contains("the agent cannot be asked"))
            try lab.isolateWeb()
            let agent = try await lab.start(["--health-address", "127.0.0.1:\(holder.port)"])
            try await eventually("readyz names the port", describing: { agent.log }) {
                let answer = try await health()
                return answer.status == 1
                    && answer.out.contains("running: health endpoint: 127.0.0.1:\(holder.port) cannot be listened on")
            }
            let live = try await health("--live")
            #expect(live.status == 0 && live.out == "ok\n")
            try await eventually("status names it too") {
                let status = try await lab.tool("status")
                return status.status == 1 && status.out.contains("health endpoint: 127.0.0.1:\(holder.port) cannot")
            }
            holder.close()
            try await eventually("it is ready once it has the port") { try await health().status == 0 }
            agent.signal(SIGKILL)
            _ = try await agent.ended(within: 10)
            #expect(try await health("--live").status == 1, "a socket that is left answers nothing")
        }
    }

    @Test("C10: what waited while no agent ran is told with the names of pods and causes")
    func waitingEvents() async throws {
        try await AgentLab.with { lab in
            try lab.isolateWeb()
            try await lab.enforcedBefore(endedBy: SIGKILL)
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.8"))
            // What the next agent would have to wait for is large.
            let blocks = (0..<3000).map { "10.\($0 / 250).\($0 % 250).0/24" }
            try lab.write("large.yaml", lab.policy("large", blocks: blocks))
            let second = try await lab.start()
            try await eventually("both are told of", describing: { second.log }) {
                second.log.contains("DENIED shop/web to 203.0.113.7")
                    && second.log.contains("DENIED shop/web to 203.0.113.8")
            }
            #expect(
                !second.log.contains("cgroup \(try lab.cgroupID("web").rawValue)") && !second.log.contains(": cause "))
            #expect(second.log.contains("isolated by policy shop/out"))
        }
    }

    @Test("C10: where the source is silent they are told after a while all the same, by what the earlier agent knew")
    func silentSource() async throws {
        try await AgentLab.with { lab in
            try lab.isolateWeb()
            try await lab.enforcedBefore(endedBy: SIGKILL)
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
            let book = LogBook()
            let source = ToldSource()
            var rhythm = Intervals()
            rhythm.eventsWait = .milliseconds(300)
            try await lab.running(source, rhythm: rhythm, logger: book.logger) { _ in
                try await eventually("it is told of", describing: { book.text }) {
                    book.text.contains("DENIED shop/web to 203.0.113.7")
                        && book.text.contains("isolated by policy shop/out")
                }
                // C5: a source that ends is missed.
                source.stop()
                try await eventually("readyz names the source", describing: { book.text }) {
                    let text = try? HealthClient.ask("/readyz", in: lab.files.path("state")).text
                    return text?.contains("running: source: has ended; it is begun again") == true
                }
            }
        }
    }

    @Test("C8: names with escapes move nobody's cursor: log, observe, explain, policies, pods, status, top")
    func hostileNames() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            try lab.write(
                "tier.yaml",
                """
                apiVersion: policy.networking.k8s.io/v1alpha2
                kind: ClusterNetworkPolicy
                metadata: {name: hostile}
                spec:
                  tier: Admin
                  priority: 1
                  subject: {namespaces: {}}
                  egress:
                  - {name: "x\\e[31m\\r\\nHEALTHY\\u202E", action: Deny, to: [{networks: [203.0.113.0/24]}]}

                """)
            let agent = try await lab.start()
            try await lab.settled()
            // A process may call itself anything: here, by the name of its file.
            let shell = lab.files.path("s\u{1b}[7m\u{202e}h")
            _ = try await Programs.run("/bin/cp", ["/bin/bash", shell])
            let script =
                "echo $$ > \(lab.cgroupPath("web"))/cgroup.procs && "
                + "exec unshare -n \"$0\" -c 'exec 3<>/dev/tcp/203.0.113.7/9'"
            #expect(try await Programs.run("/bin/bash", ["-c", script, shell]).status != 0)
            try await eventually("it is logged", describing: { agent.log }) { agent.log.contains("DENIED shop/web") }
            var told = [agent.log]
            for words in [
                ["observe", "--last", "5"], ["observe", "--last", "5", "-o", "table"],
            ] {
                let answer = try await Programs.run("sluice", words + ["--state-dir", lab.files.path("state")])
                #expect(answer.out.contains("s?[7m") && answer.out.contains("x\\u{1B}[31m\\r\\nHEALTHY"), "\(answer)")
                told.append(answer.out)
            }
            for words in [
                ["explain", "shop/web", "--to", "203.0.113.7:9"], ["policies"], ["policies", "hostile"],
                ["pods", "-o", "wide"],
                ["status"], ["top", "--once", "-d", "0.1"],
            ] { told.append(try await Programs.run("sluice", words + lab.places).out) }
            #expect(told[3].contains("\\r\\nHEALTHY") && told[5].contains("\\r\\nHEALTHY"), "\(told)")
            for text in told {
                #expect(
                    !text.isEmpty && !text.unicodeScalars.contains { "\u{1b}\r\u{202e}".unicodeScalars.contains($0) },
                    "\(text.debugDescription)")
                #expect(!text.split(separator: "\n").contains { $0.hasPrefix("HEALTHY") && $0.count > 7 })
            }
        }
    }
}
