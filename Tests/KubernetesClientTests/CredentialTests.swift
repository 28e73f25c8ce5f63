import KubernetesClient
import TestHarness
import Testing

@Suite("Credentials that change", .timeLimit(.minutes(2)))
struct CredentialTests {
    typealias Step = ScriptedServer.Step

    private static func accepting(_ token: String) -> ScriptedServer.Script {
        { request, _ in
            request.contains("authorization: Bearer \(token)\r\n")
                ? Step.answer()
                : Step.answer(
                    "401 Unauthorized", #"{"kind":"Status","message":"Unauthorized","reason":"Unauthorized"}"#)
        }
    }

    private func plugin(_ folder: TemporaryDirectory, _ script: String, hint: String = "") async throws -> ExecPlugin {
        let path = try folder.write("plugin", "#!/bin/sh\n\(script)\n")
        _ = try await Programs.run("/bin/chmod", ["700", path])
        return ExecPlugin(
            command: path, arguments: ["a1"], environment: [.init("V", "v1")], installHint: hint)
    }

    private func failure(_ credentials: Credentials) async throws -> APIError {
        let server = try await ScriptedServer.start(nil, script: Self.accepting("good"))
        do {
            _ = try await APIClient(server.configuration(nil, credentials: credentials)).send(APIRequest(.get, "/"))
        } catch let error as APIError {
            return error
        }
        throw Unexpected("the request succeeded")
    }

    @Test("a request without credentials that is refused names the user who has none")
    func noCredentials() async throws {
        let error = try await failure(Credentials(owner: "user \"u\" of kubeconfig"))
        #expect(error.code == .status(401), "\(error)")
        #expect(error.message.contains("none for user \"u\" of kubeconfig"), "\(error)")
    }

    @Test("a token file swapped by symbolic link, as the kubelet does, serves the next try after a 401")
    func rotation() async throws {
        let folder = try TemporaryDirectory()
        try folder.makeDirectory("1")
        try folder.makeDirectory("2")
        try folder.write("1/token", "old\n")
        try folder.write("2/token", "good\n")
        _ = try await Programs.run("/bin/ln", ["-s", "1", folder.path("data")])
        let server = try await ScriptedServer.start(nil, script: Self.accepting("good"))
        let client = APIClient(
            server.configuration(nil, credentials: Credentials(token: .file(folder.path("data/token")))))
        do {
            _ = try await client.send(APIRequest(.get, "/"))
            Issue.record("the old token was taken")
        } catch let error as APIError {
            #expect(error.code == .status(401) && error.message.contains(folder.path("data/token")))
        }
        _ = try await Programs.run("/bin/ln", ["-sfn", "2", folder.path("data")])
        _ = try await client.send(APIRequest(.get, "/")).bytes()
        let tokens = server.log.requests.map { $0.contains("Bearer good") }
        #expect(tokens.last == true && tokens.first == false)
    }

    @Test("a token file that is gone for a moment leaves the last token; one that never was is told")
    func missingToken() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("token", "good")
        let server = try await ScriptedServer.start(nil, script: Self.accepting("good"))
        let client = APIClient(server.configuration(nil, credentials: Credentials(token: .file(folder.path("token")))))
        _ = try await client.send(APIRequest(.get, "/")).bytes()
        folder.remove("token")
        _ = try await client.send(APIRequest(.get, "/")).bytes()
        let error = try await failure(Credentials(token: .file("/nowhere/token")))
        #expect(error.code == .credentials && error.message.contains("/nowhere/token"))
    }

    @Test(
        "a token or CA file that stays away for minutes is told with its name, until it is back",
        arguments: ["token", "ca"])
    func removedFile(name: String) async throws {
        let folder = try TemporaryDirectory()
        try folder.write("token", "good")
        try folder.write("ca", "PEM")
        var reader = AccessReader(
            ClusterConfiguration(
                server: ServerAddress(host: "a", port: 1), trust: .bundle(.file(folder.path("ca"))),
                credentials: Credentials(token: .file(folder.path("token")))))
        let start = ContinuousClock.now
        try reader.read(at: start)
        folder.remove(name)
        // However long ago it was read: it may have been removed only now.
        try reader.read(at: start + .seconds(1000))
        try reader.read(at: start + .seconds(1179))
        do {
            try reader.read(at: start + .seconds(1180))
            Issue.record("a file removed minutes ago is still used")
        } catch {
            #expect(error.code == .credentials && error.message.contains(folder.path(name)), "\(error)")
        }
        try folder.write(name, "back")
        try reader.read(at: start + .seconds(1200))
        folder.remove(name)
        try reader.read(at: start + .seconds(1400))
    }

    @Test("a plugin gets its environment and arguments, and runs once for many requests")
    func plugin() async throws {
        let folder = try TemporaryDirectory()
        let plugin = try await plugin(
            folder,
            """
            echo "$V $1 $KUBERNETES_EXEC_INFO" >> \(folder.path("runs"))
            cat > /dev/null
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"good"}}'
            """)
        let server = try await ScriptedServer.start(nil, script: Self.accepting("good"))
        let client = APIClient(server.configuration(nil, credentials: Credentials(plugin: plugin)))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { _ = try await client.send(APIRequest(.get, "/")).bytes() } }
            try await group.waitForAll()
        }
        let runs = folder.read("runs").split(separator: "\n")
        #expect(runs.count == 1)
        #expect(
            runs.first?.hasPrefix(#"v1 a1 {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential""#)
                == true)
    }

    @Test("a plugin runs again when its credentials are refused, or have expired")
    func pluginAgain() async throws {
        let folder = try TemporaryDirectory()
        let plugin = try await plugin(
            folder,
            """
            echo >> \(folder.path("runs"))
            t=good; [ $(wc -l < \(folder.path("runs"))) = 1 ] && t=bad
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$t'",
              "expirationTimestamp":"2001-01-01T00:00:00Z"}}'
            """)
        let server = try await ScriptedServer.start(nil, script: Self.accepting("good"))
        let client = APIClient(server.configuration(nil, credentials: Credentials(plugin: plugin)))
        _ = try await client.send(APIRequest(.get, "/")).bytes()
        #expect(server.log.requests.count == 2)
        _ = try await client.send(APIRequest(.get, "/")).bytes()
        #expect(folder.read("runs").utf8.count == 3)
    }

    @Test("what goes wrong with a plugin is told, with what it said")
    func brokenPlugins() async throws {
        let folder = try TemporaryDirectory()
        let cases = [
            ("echo no luck >&2; exit 3", "ended with status 3; it said: no luck"),
            ("echo '{\"kind\":\"ExecCredential\"}'", "something else than an ExecCredential"),
            ("echo '<html>'", "printed"),
            ("true", "printed nothing"),
            (
                "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{}}'",
                "gave neither"
            ),
        ]
        for (script, said) in cases {
            let error = try await failure(Credentials(plugin: try await plugin(folder, script)))
            #expect(error.code == .credentials && error.message.contains(said), "\(script): \(error)")
        }
        let missing = ExecPlugin(command: "/nowhere/plugin", installHint: "get it from the shop")
        let error = try await failure(Credentials(plugin: missing))
        #expect(error.message.contains("get it from the shop"), "\(error)")
    }

    @Test("a plugin that hangs is killed with its children")
    func hangingPlugin() async throws {
        let folder = try TemporaryDirectory()
        var plugin = try await plugin(folder, "sleep 1000 & echo $! > \(folder.path("child")); wait")
        plugin.deadline = .seconds(1)
        let error = try await failure(Credentials(plugin: plugin))
        #expect(error.message.contains("has not ended within"), "\(error)")
        let child = folder.read("child").split(separator: "\n").first.map(String.init) ?? "self"
        try await eventually("its child is dead") {
            let status = TemporaryDirectory.text("/proc/\(child)/status")
            return status.isEmpty || status.contains("State:\tZ")
        }
    }

    @Test("waiting for a plugin can be cancelled")
    func cancelledPlugin() async throws {
        let folder = try TemporaryDirectory()
        var plugin = try await plugin(folder, "touch \(folder.path("started")); sleep 5")
        plugin.deadline = .seconds(3)
        let server = try await ScriptedServer.start(nil, script: Self.accepting("good"))
        let client = APIClient(server.configuration(nil, credentials: Credentials(plugin: plugin)))
        let task = Task { _ = try await client.send(APIRequest(.get, "/")) }
        try await eventually("it runs") { TemporaryDirectory.names(folder.root).contains("started") }
        task.cancel()
        let result = await task.result
        #expect(throws: CancellationError.self) { try result.get() }
    }
}
