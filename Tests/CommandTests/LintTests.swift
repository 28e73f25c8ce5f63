import FoundationEssentials
import TestHarness
import Testing

@Suite struct LintTests {
    let files: TemporaryDirectory

    init() throws { files = try TemporaryDirectory() }

    /// What `lint -o json` prints; decoding fails if a key is missing.
    struct Document: Decodable {
        struct Finding: Decodable {
            var severity: String
            var check: String
            var kind: String?
            var namespace: String?
            var name: String?
            var origin: String
            var field: String
            var message: String
            var suggestion: String
        }

        var findings: [Finding]
        var checks: [String]
        var skipped: [String]
        var objects: Int

        init(_ text: String) throws {
            self = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        }
    }

    private let misspelt = Shop.policy.replacing("{app: web}", with: "{app: wbe}")

    private func lint(_ text: String, _ arguments: String...) async throws -> Programs.Ended {
        try await run(["lint", "--objects", try files.write("shop.yaml", text)] + arguments)
    }

    @Test("findings for people: what, where, what to do, and the count; status 1")
    func people() async throws {
        let ended = try await lint(Shop.cluster + "---\n" + misspelt, "--skip", "keeps-net-raw")
        #expect(ended.status == 1 && ended.err == "")
        #expect(
            ended.out.hasPrefix(
                """
                warning  selects-nothing  NetworkPolicy shop/web: spec.podSelector
                    selects no pod: none in namespace shop matches app=wbe
                    do: app is there as db, web

                1 warning in 4 objects,
                """))
    }

    @Test("without findings it says so, with status 0")
    func nothing() async throws {
        let ended = try await lint(Shop.everything, "--check", "selects-nothing", "rule-redundant")
        #expect(ended.status == 0 && ended.err == "" && ended.out == "no findings in 4 objects, 2 checks\n")
    }

    @Test("G: a directory stands for the files below it, for lint, simulate and learn alike")
    func directories() async throws {
        try files.makeDirectory("cluster")
        try files.makeDirectory("cluster/policies")
        _ = try files.write("cluster/shop.yaml", Shop.cluster)
        _ = try files.write("cluster/policies/web.yml", misspelt)
        _ = try files.write("cluster/README.md", "no objects: {")
        let lint = try await run(["lint", "--objects", files.path("cluster"), "--check", "selects-nothing"])
        #expect(lint.status == 1 && lint.out.contains("warning  selects-nothing  NetworkPolicy shop/web"), "\(lint)")
        let simulate = try await run([
            "simulate", "--objects", files.path("cluster"), "--pod", "shop/web", "--to", "10.0.0.2:80",
        ])
        #expect(simulate.status == 0 && simulate.out.contains("shop/web"), "\(simulate)")
        let learn = try await run([
            "learn", "--from", try files.write("none.jsonl", ""), "--objects", files.path("cluster"),
        ])
        #expect(!learn.err.contains("Is a directory"), "\(learn)")
        try files.makeDirectory("empty")
        let empty = try await run(["lint", "--objects", files.path("empty")])
        #expect(empty.status == 2 && empty.err.contains("empty: holds no file of objects"), "\(empty)")
    }

    @Test("G: a finding is one line where there is no terminal, and fits the width that COLUMNS asks for")
    func width() async throws {
        let text = Shop.everything.replacing(
            " labels: {app: web}}\n", with: " labels: {app: web}}\nspec: {containers: [{name: c}]}\n")
        let arguments = ["lint", "--objects", try files.write("shop.yaml", text), "--check", "keeps-net-raw"]
        let piped = try await run(arguments)
        #expect(
            piped.out.contains(
                "though NetworkPolicy shop/web isolates it: frames from AF_PACKET sockets pass below enforcement\n"),
            "\(piped)")
        let narrow = try await run(arguments, columns: 60)
        #expect(
            narrow.out.split(separator: "\n").filter { $0.hasPrefix(" ") }.allSatisfy { $0.count <= 60 },
            "\(narrow.out)")
        #expect(narrow.out.split(separator: "\n").count > piped.out.split(separator: "\n").count)
    }

    @Test("JSON has every key, and a null where there is no object")
    func json() async throws {
        let ended = try await lint(Shop.cluster + "---\n" + misspelt, "-o", "json")
        let document = try Document(ended.out)
        let finding = try #require(document.findings.first { $0.check == "selects-nothing" })
        #expect(
            finding.severity == "warning" && finding.kind == "NetworkPolicy" && finding.namespace == "shop"
                && finding.name == "web")
        #expect(finding.field == "spec.podSelector" && !finding.suggestion.isEmpty)
        #expect(document.objects == 4 && document.checks.contains("no-dns") && document.skipped == [])
    }

    @Test("what is less grave than --severity is counted and decides nothing")
    func severity() async throws {
        let text = Shop.everything.replacing(
            "metadata: {name: shop}", with: "metadata: {name: shop, labels: {sluice.dev/enforcement: audit}}")
        let usual = try await lint(text, "--check", "audit-namespace")
        #expect(
            usual.status == 0
                && usual.out == "no findings in 4 objects, 1 check; 1 less grave: --severity info shows all\n")
        let all = try await lint(text, "--check", "audit-namespace", "--severity", "info")
        #expect(all.status == 1 && all.out.contains("info  audit-namespace  Namespace shop"))
        let errors = try await lint(Shop.cluster + "---\n" + misspelt, "--severity", "error")
        #expect(errors.status == 0)
    }

    @Test("an object that is not understood is an error; an except outside of its block has a check of its own")
    func notUnderstood() async throws {
        let ended = try await lint(
            Shop.everything.replacing("port: 5432", with: "port: 70000") + """
                ---
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: hole, namespace: shop}
                spec: {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/8]}}]}]}
                """, "--severity", "error")
        #expect(ended.status == 1)
        #expect(
            ended.out.contains("error  not-understood  NetworkPolicy shop/web: spec.egress[0].ports[0].port"),
            "\(ended.out)")
        #expect(
            ended.out.contains(
                "error  except-outside-block  NetworkPolicy shop/hole: spec.egress[0].to[0].ipBlock.except[0]"))
    }

    @Test("a namespace's findings alone; a namespace that nothing is in is bad input")
    func namespaces() async throws {
        let other = misspelt.replacing("namespace: shop", with: "namespace: other")
        let text = Shop.cluster + "---\n" + misspelt + "---\n" + other
        let ended = try await lint(text, "-n", "other", "-o", "json")
        #expect(try Set(Document(ended.out).findings.map(\.namespace)) == ["other"])
        let none = try await lint(text, "-n", "nowhere")
        #expect(none.status == 2 && none.err.contains("--namespace nowhere"))
    }

    @Test("the agent's guards and exemptions count")
    func configuration() async throws {
        let policy = """
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: imds, namespace: shop}
            spec: {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 169.254.169.254/32}}], ports: [{port: 80}]}]}
            """
        let guarded = try await lint(Shop.cluster + policy, "--check", "rule-never-matches")
        #expect(guarded.status == 1 && guarded.out.contains("is guarded (imds)"))
        let off = try files.write("config.yaml", "guards: {metadata: {mode: 'off'}}\n")
        let open = try await lint(Shop.cluster + policy, "--check", "rule-never-matches", "--config", off)
        #expect(open.status == 0, "\(open)")
        let wrong = try await lint(Shop.cluster, "--config", try files.write("wrong.yaml", "guard: {}\n"))
        #expect(wrong.status == 2 && wrong.err.contains("guard"))
    }

    @Test("policies without pods are looked at as far as that goes, and it says how far")
    func policiesAlone() async throws {
        let ended = try await lint(Shop.policy)
        #expect(ended.status == 0 && ended.out.hasPrefix("no findings in 1 object, "))
        let words = ended.out.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("not made, as no pod is among the objects: no-dns, selects-nothing"), "\(ended.out)")
    }

    @Test("the checks explain themselves")
    func list() async throws {
        let ended = try await run(["lint", "--list"], columns: 100)
        #expect(ended.status == 0)
        for check in ["not-understood", "no-dns", "keeps-net-raw", "audit-namespace"] {
            #expect(ended.out.contains("\n\(check) "))
        }
        #expect(ended.out.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test("input that cannot be used ends with 2")
    func badInput() async throws {
        let shop = try files.write("shop.yaml", Shop.everything)
        for (arguments, says) in [
            (["--objects", files.path("none.yaml")], "none.yaml: "),
            (["--objects", try files.write("broken.yaml", "kind: [")], "broken.yaml:"),
            (["--objects", shop, "--kubeconfig", "x"], "not both"), (["--objects", "-", "-"], "read once only"),
            (["--objects", shop, "--check", "no-such-check"], "no-such-check"),
            (["--objects", shop, "--check", "no-dns", "--skip", "no-dns"], "leave no check"),
            (["--objects", shop, "--severity", "grave"], "grave"),
            (["--kubeconfig", files.path("none")], "give --objects FILES, or --kubeconfig FILE"),
        ] {
            let ended = try await run(["lint"] + arguments)
            #expect(ended.status == 2 && ended.out == "", "\(arguments): \(ended)")
            #expect(ended.err.contains(says), "\(arguments): \(ended.err)")
        }
    }

    // MARK: The cluster

    @Test("without files the cluster is listed once")
    func cluster() async throws {
        let server = try ListServer(refusing: nil)
        defer { server.stop() }
        let kubeconfig = try files.write("kubeconfig", server.kubeconfig)
        let ended = try await run(["lint", "--kubeconfig", kubeconfig, "-o", "json"])
        #expect(ended.status == 1 && ended.err == "", "\(ended)")
        let document = try Document(ended.out)
        #expect(document.objects == 3)
        #expect(document.findings.map(\.check) == ["selects-nothing"])
        // kubectl's way to name the file.
        let context = try await run(["lint", "--kubeconfig", kubeconfig, "--context", "none"])
        #expect(context.status == 2 && context.err.contains("none"))
    }

    @Test("a cluster that refuses says which right is missing")
    func refused() async throws {
        let server = try ListServer(refusing: "/api/v1/nodes")
        defer { server.stop() }
        let ended = try await run(["lint", "--kubeconfig", try files.write("kubeconfig", server.kubeconfig)])
        #expect(ended.status == 2 && ended.out == "")
        #expect(
            ended.err.contains("GET /api/v1/nodes") && ended.err.contains("must be allowed to list nodes"),
            "\(ended.err)")
    }

    @Test("a cluster that is not there is named")
    func unreachable() async throws {
        let server = try ListServer(refusing: nil)
        server.stop()
        let ended = try await run(["lint", "--kubeconfig", try files.write("kubeconfig", server.kubeconfig)])
        #expect(ended.status == 2 && ended.err.contains("the cluster cannot be listed: GET /"), "\(ended.err)")
    }
}
