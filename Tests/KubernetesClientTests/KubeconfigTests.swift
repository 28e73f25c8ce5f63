import KubernetesClient
import TestHarness
import Testing

@Suite("Kubeconfig files")
struct KubeconfigTests {
    private static func file(cluster: String = "server: https://a", user: String = "token: t") -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: c
        unknown: {x: 1}
        contexts:
        - name: c
          context: {cluster: k, user: u, namespace: ignored}
        clusters:
        - name: other
          cluster: {server: 7}
        - name: k
          cluster: {\(cluster)}
        users:
        - name: u
          user: {\(user)}
        """
    }

    private func read(_ text: String, path: String = "/home/a/.kube/config") throws -> ClusterConfiguration {
        try Kubeconfig([(path, Array(text.utf8))]).configuration()
    }

    private func problems(_ text: String) -> String {
        do {
            let configuration = try read(text)
            return "none: \(configuration)"
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "servers",
        arguments: [
            ("https://a", "https://a:443"), ("http://a.b:8080/", "http://a.b:8080"),
            ("https://[fd00::1]", "https://[fd00::1]:443"), ("https://[fd00::1]:6443/x/", "https://[fd00::1]:6443/x"),
            ("https://rancher/k8s/clusters/c-1", "https://rancher:443/k8s/clusters/c-1"),
            ("HTTPS://a:1", "https://a:1"),
        ])
    func servers(text: String, description: String) throws {
        #expect(try "\(read(Self.file(cluster: "server: '\(text)'")).server)" == description)
    }

    @Test(
        "what cannot be a server",
        arguments: [
            "a:6443", "ftp://a", "https://", "https://:1", "https://a:0", "https://a:65536", "https://a:x",
            "https://a?b",
            "https://u:p@a", "https://[fd00::1", "https://[x]", "https://a b", "https://fd00::1", "https://ä",
            "https://[::1]x",
        ])
    func badServers(text: String) {
        let said = problems(Self.file(cluster: "server: '\(text)'"))
        #expect(said.hasPrefix("/home/a/.kube/config:12: clusters[1].cluster.server: "), "\(said)")
    }

    @Test("users")
    func users() throws {
        func credentials(_ user: String) throws -> Credentials { try read(Self.file(user: user)).credentials }
        #expect(try credentials("token: t").token == .fixed("t"))
        #expect(try credentials("token: t, tokenFile: ../t").token == .file("/home/a/t"))
        #expect(try credentials("token: '', username: ''").token == nil)
        let certificate = try credentials(
            "client-certificate: c.crt, client-key: /k, client-certificate-data: aGk="
        ).certificate
        #expect(certificate?.key == .file("/k"))
        #expect(
            certificate?.chain
                == .data(Array("hi".utf8), origin: "users[0].user.client-certificate-data of /home/a/.kube/config"))
        let plugin = try credentials(
            "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./bin/p, args: [a, b], "
                + "env: [{name: N, value: V}], installHint: h, interactiveMode: Never}"
        ).plugin
        #expect(plugin?.version == .v1beta1 && plugin?.command == "/home/a/.kube/bin/p")
        #expect(plugin?.arguments == ["a", "b"] && plugin?.environment == [.init("N", "V")])
        #expect(plugin?.installHint == "h")
    }

    @Test(
        "what is wrong with users",
        arguments: [
            ("client-key-data: '!!', client-certificate: c", "users[0].user.client-key-data: is not base64"),
            ("client-key-data: aGk, client-certificate: c", "users[0].user.client-key-data: is not base64"),
            ("client-certificate: c", "users[0].user: has a client-certificate without a client-key"),
            ("client-key: c", "users[0].user: has a client-key without a client-certificate"),
            ("username: a, password: b", "users[0].user.password: is not supported"),
            ("auth-provider: {name: gcp}", "users[0].user.auth-provider: is not supported"),
            ("token: [1]", "users[0].user.token: must be a string, not a list"),
            ("exec: {apiVersion: client.authentication.k8s.io/v1}", "users[0].user.exec.command: is missing"),
            ("exec: {command: c, apiVersion: client.authentication.k8s.io/v1alpha1}", "users[0].user.exec.apiVersion"),
            ("exec: {command: c}", "users[0].user.exec.apiVersion"),
            (
                "exec: {command: c, apiVersion: client.authentication.k8s.io/v1, env: [{value: 1}]}",
                "users[0].user.exec.env[0].name: is missing"
            ),
            ("tokenFile: \"a\\0b\"", "users[0].user.tokenFile: holds a NUL"),
        ])
    func badUsers(user: String, said: String) {
        let problems = problems(Self.file(user: user))
        #expect(problems.contains("/home/a/.kube/config:15: \(said)"), "\(problems)")
    }

    @Test("clusters")
    func clusters() throws {
        func cluster(_ text: String) throws -> ClusterConfiguration {
            try read(Self.file(cluster: "server: https://a, \(text)"))
        }
        #expect(try cluster("certificate-authority: ca").trust == .bundle(.file("/home/a/.kube/ca")))
        #expect(try cluster("insecure-skip-tls-verify: true").trust == .anyone)
        #expect(try cluster("insecure-skip-tls-verify: false").trust == .system)
        #expect(try cluster("tls-server-name: b").serverName == "b")
        #expect(try cluster("tls-server-name: a").serverName == nil)
        #expect(try cluster("proxy-url: 'http://p:3128'").proxy?.port == 3128)
    }

    @Test(
        "what is wrong with clusters",
        arguments: [
            ("certificate-authority: c, insecure-skip-tls-verify: true", "insecure-skip-tls-verify: is true beside"),
            ("insecure-skip-tls-verify: 1", "insecure-skip-tls-verify: must be true or false"),
            ("certificate-authority-data: '='", "certificate-authority-data: is not base64"),
            ("proxy-url: 'socks5://p:1'", "proxy-url: "), ("proxy-url: 'https://p:1'", "proxy-url: must be http://"),
            ("tls-server-name: 10.0.0.1", "tls-server-name: "), ("tls-server-name: 'a/b'", "tls-server-name: "),
        ])
    func badClusters(cluster: String, said: String) {
        let problems = problems(Self.file(cluster: "server: https://a, \(cluster)"))
        #expect(problems.contains("/home/a/.kube/config:12: clusters[1].cluster.\(said)"), "\(problems)")
    }

    @Test("contexts that lead nowhere name those there are")
    func contexts() throws {
        let kubeconfig = try Kubeconfig([("f", Array(Self.file().utf8))])
        do {
            _ = try kubeconfig.configuration(context: "x")
            Issue.record("there is no context x")
        } catch {
            #expect("\(error)".contains("there is no context \"x\"; there are: c"))
        }
        let unset = Self.file().replacing("current-context: c", with: "current-context: ''")
        #expect(problems(unset).contains("current-context: is not set; name one of the contexts: c"))
        #expect(problems(Self.file().replacing("cluster: k", with: "cluster: z")).contains("there is no cluster \"z\""))
        #expect(problems(Self.file().replacing("user: u", with: "user: z")).contains("there is no user \"z\""))
        #expect(problems(Self.file(cluster: "")).contains("clusters[1].cluster.server: is missing"))
    }

    @Test("of several files the first to say something wins, and missing ones are passed over")
    func merged() throws {
        let folder = try TemporaryDirectory()
        try folder.write("1", "contexts: [{name: c, context: {cluster: k, user: u}}]\n")
        try folder.write("2", Self.file(user: "tokenFile: t").replacing("cluster: k,", with: "cluster: wrong,"))
        let variables = ["KUBECONFIG": "\(folder.path("none")):\(folder.path("1")):\(folder.path("2"))"]
        let configuration = try Kubeconfig.load(environment: variables).configuration()
        #expect(configuration.server.host == "a" && configuration.credentials.token == .file(folder.path("t")))
        #expect(throws: ConfigurationError.self) {
            try Kubeconfig.load(environment: ["KUBECONFIG": folder.path("none")])
        }
        #expect(throws: ConfigurationError.self) { try Kubeconfig.load(path: folder.path("none")) }
        try folder.makeDirectory(".kube")
        try folder.write(".kube/config", Self.file())
        #expect(try Kubeconfig.load(environment: ["HOME": folder.root]).configuration().server.host == "a")
    }

    @Test(
        "files that are none",
        arguments: ["[1]", "a: [", "\u{0}", "--- {}\n--- {}\n", "7", "", "contexts: 3", "users: [1]"])
    func broken(text: String) {
        #expect(problems(text).hasPrefix("/home/a/.kube/config"), "\(problems(text))")
    }

    @Test("a pod's own configuration")
    func inCluster() throws {
        let variables = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        let configuration = try ClusterConfiguration.inCluster(environment: variables, folder: "/sa")
        #expect("\(configuration.server)" == "https://[fd00::1]:443")
        #expect(configuration.trust == .bundle(.file("/sa/ca.crt")))
        #expect(configuration.credentials.token == .file("/sa/token"))
        for bad in [
            [:], ["KUBERNETES_SERVICE_HOST": "a"], ["KUBERNETES_SERVICE_HOST": "a", "KUBERNETES_SERVICE_PORT": "x"],
        ] {
            #expect(throws: ConfigurationError.self) { try ClusterConfiguration.inCluster(environment: bad) }
        }
    }
}
