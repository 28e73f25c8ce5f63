import Agent
import AgentConfiguration
import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

@Suite struct ConfigurationFileTests {
    func read(_ text: String) -> (Configuration, [Diagnostic]) {
        ConfigurationFile.read(Array(text.utf8), file: "c.yaml")
    }

    @Test("a file can set every setting") func everySetting() {
        let (read, diagnostics) = read(
            """
            source: /srv/manifests
            nodeName: node-7
            cgroupRoot: /cg
            podsCgroup: kubelet/kubepods
            bpffs: /sys/fs/bpf/x
            stateDirectory: /var/lib/sluice
            enforcement: audit
            startupPosture: hold
            failFast: false
            replySeconds: 90
            allowedNodeAddresses: [10.0.0.1, "fd00::1"]
            detachOnExit: true
            kubernetes: {kubeconfig: /root/.kube/config, context: lab, watchSilenceSeconds: 60}
            health: {address: "[::1]:9000"}
            events: false
            removeNotReadyTaint: true
            log: {level: debug, format: json}
            guards:
              metadata:
                mode: audit
                allow: [alibaba]
                block: [aws-ntp]
                add:
                - {name: vault, addresses: [10.8.0.0/16, "fd00:8::1"], tcpPorts: [8200, 8201]}
                - {name: lab, addresses: [10.7.0.1]}
                exempt:
                - {namespace: kube-system, reason: CNI daemons}
                - {namespace: ops, serviceAccount: agent}
                - {namespace: ops, podSelector: {matchLabels: {app: csi}}}
              nodePorts:
                mode: audit
                ports: [10250, 6443]
                exempt: [{namespace: kube-system, reason: control plane}]
            """)
        #expect(diagnostics == [])
        var wanted = Configuration()
        wanted.source = .manifests("/srv/manifests")
        wanted.nodeName = "node-7"
        wanted.cgroupRoot = "/cg"
        wanted.podsCgroup = "kubelet/kubepods"
        wanted.bpffs = "/sys/fs/bpf/x"
        wanted.stateDirectory = "/var/lib/sluice"
        wanted.enforcement = .audit
        wanted.startupPosture = .hold
        wanted.failFast = false
        wanted.replySeconds = 90
        wanted.allowedNodeAddresses = ["10.0.0.1", "fd00::1"].compactMap { IPAddress($0) }
        wanted.detachOnExit = true
        wanted.kubernetes.kubeconfig = "/root/.kube/config"
        wanted.kubernetes.context = "lab"
        wanted.kubernetes.watchSilenceSeconds = 60
        wanted.healthAddress = ListenAddress("[::1]:9000")
        wanted.events = false
        wanted.removeNotReadyTaint = true
        wanted.logLevel = "debug"
        wanted.logFormat = .json
        wanted.metadata.mode = .audit
        wanted.metadata.allow = ["alibaba"]
        wanted.metadata.block = ["aws-ntp"]
        wanted.metadata.add = [
            Guard(
                name: "vault",
                destinations: [Prefix(addressOrBlock: "10.8.0.0/16")!, Prefix(addressOrBlock: "fd00:8::1")!],
                ports: .tcp([8200...8200, 8201...8201])),
            Guard(name: "lab", destinations: [Prefix(addressOrBlock: "10.7.0.1")!], ports: .all),
        ]
        wanted.metadata.exempt = [
            GuardExemption(namespace: "kube-system"),
            GuardExemption(namespace: "ops", serviceAccount: "agent"),
            GuardExemption(namespace: "ops", podSelector: LabelSelector(matchLabels: ["app": "csi"])),
        ]
        wanted.nodePorts.mode = .audit
        wanted.nodePorts.ports = [10250...10250, 6443...6443]
        wanted.nodePorts.exempt = [GuardExemption(from: .nodePorts, namespace: "kube-system")]
        #expect(read == wanted)
    }

    @Test(
        "what is not said has its default",
        arguments: ["", "# nothing yet\n", "---\n", "{}", "guards:\nlog:\nsource:\nkubernetes:\nhealth:\n"])
    func whatIsNotSaidHasItsDefault(_ text: String) {
        let (read, diagnostics) = read(text)
        #expect(read == Configuration() && diagnostics == [])
    }

    @Test("the defaults enforce") func theDefaultsEnforce() {
        let defaults = Configuration()
        #expect(defaults.enforcement == .enforce && defaults.metadata.mode == .enforce)
        #expect(defaults.startupPosture == .guards && defaults.failFast && !defaults.detachOnExit)
        #expect(defaults.bpffs == "/sys/fs/bpf/sluice" && defaults.stateDirectory == "/run/sluice")
        #expect(!defaults.nodeName.isEmpty)
        #expect(defaults.source == .manifests("/etc/sluice/manifests") && defaults.events)
        #expect(defaults.healthAddress == ListenAddress("127.0.0.1:7584") && !defaults.removeNotReadyTaint)
        #expect(defaults.kubernetes.kubeconfig == nil && defaults.kubernetes.watchSilenceSeconds == 100)
    }

    @Test(
        "a file names one source",
        arguments: [
            ("kubernetes", Configuration.Source.kubernetes), ("./kubernetes", .manifests("./kubernetes")),
            ("Kubernetes", .manifests("Kubernetes")),
        ])
    func sources(_ text: String, _ source: Configuration.Source) {
        #expect(read("source: \(text)").0.source == source && source.description == text)
    }

    @Test("empty means none") func emptyMeansNone() {
        let (read, diagnostics) = read("health: {address: ''}\nkubernetes: {kubeconfig: '', context: ''}\n")
        #expect(diagnostics == [] && read.healthAddress == nil)
        #expect(read.kubernetes.kubeconfig == nil && read.kubernetes.context == nil)
    }

    /// Text, the field that is named, and a part of what is said of it.
    @Test(
        "mistakes are named",
        arguments: [
            ("enforcment: audit", "enforcment", "is not a setting; there are "),
            ("guards: {nodes: {}}", "guards.nodes", "is not a setting; there are metadata"),
            ("guards: {metadata: {modus: off}}", "guards.metadata.modus", "is not a setting"),
            ("log: {colour: red}", "log.colour", "is not a setting; there are format, level"),
            (
                "guards: {metadata: {add: [{name: a, addresses: [10.0.0.1], udpPorts: [1]}]}}",
                "guards.metadata.add[0].udpPorts", "is not a setting"
            ),
            (
                "guards: {metadata: {exempt: [{namespace: a, pod: b}]}}", "guards.metadata.exempt[0].pod",
                "is not a setting"
            ),
            ("source: 7", "source", "must be a string"),
            ("source: ''", "source", "must not be empty"),
            ("kubernetes: {kubeConfig: a}", "kubernetes.kubeConfig", "is not a setting; there are context, kubeconfig"),
            ("kubernetes: {kubeconfig: 7}", "kubernetes.kubeconfig", "must be a string"),
            ("kubernetes: {watchSilenceSeconds: 9}", "kubernetes.watchSilenceSeconds", "not within 10 to 3600"),
            ("health: {address: ':7584'}", "health.address", "is not an IP address and a port, for instance"),
            ("health: {address: 'localhost:7584'}", "health.address", "is not an IP address and a port"),
            ("health: {port: 7584}", "health.port", "is not a setting; there are address"),
            ("health: '127.0.0.1:7584'", "health", "must be an object"),
            ("events: never", "events", "must be true or false"),
            ("removeNotReadyTaint: a", "removeNotReadyTaint", "must be true or false"),
            ("nodeName: [a]", "nodeName", "must be a string"),
            ("failFast: 'yes'", "failFast", "must be true or false"),
            ("failFast: 1", "failFast", "must be true or false"),
            ("replySeconds: 0", "replySeconds", "not within 1 to 86400"),
            ("replySeconds: 86401", "replySeconds", "not within 1 to 86400"),
            ("replySeconds: -1", "replySeconds", "not within"),
            ("replySeconds: 1.5", "replySeconds", "whole number"),
            ("replySeconds: 60s", "replySeconds", "must be a number"),
            ("enforcement: on", "enforcement", "must be a string"),
            ("enforcement: strict", "enforcement", "\"strict\" is not one of enforce, audit"),
            ("startupPosture: open", "startupPosture", "is not one of guards, hold"),
            ("log: {level: loud}", "log.level", "is not one of trace, debug"),
            ("log: {format: xml}", "log.format", "is not one of text, json"),
            ("log: debug", "log", "must be an object"),
            ("allowedNodeAddresses: [10.0.0.0/8]", "allowedNodeAddresses[0]", "is not an IP address"),
            ("allowedNodeAddresses: 10.0.0.1", "allowedNodeAddresses", "must be a list"),
            ("guards: {metadata: {mode: offf}}", "guards.metadata.mode", "is not one of enforce, audit, off"),
            ("guards: {metadata: {allow: [aws]}}", "guards.metadata.allow[0]", "no metadata endpoint; there are "),
            ("guards: {metadata: {block: [aws]}}", "guards.metadata.block[0]", "no metadata endpoint"),
            ("guards: {metadata: {allow: alibaba}}", "guards.metadata.allow", "must be a list"),
            ("guards: {metadata: {add: [{addresses: [10.0.0.1]}]}}", "guards.metadata.add[0].name", "is missing"),
            (
                "guards: {metadata: {add: [{name: imds, addresses: [10.0.0.1]}]}}", "guards.metadata.add[0].name",
                "is the name of a metadata endpoint"
            ),
            (
                "guards: {metadata: {add: [{name: a, addresses: [10.0.0.1]}, {name: a, addresses: [10.0.0.2]}]}}",
                "guards.metadata.add", "is there twice"
            ),
            ("guards: {metadata: {add: [{name: a}]}}", "guards.metadata.add[0].addresses", "at least one"),
            (
                "guards: {metadata: {add: [{name: a, addresses: [example.org]}]}}",
                "guards.metadata.add[0].addresses[0]", "neither an address nor a CIDR"
            ),
            (
                "guards: {metadata: {add: [{name: a, addresses: [10.0.0.1], tcpPorts: [0]}]}}",
                "guards.metadata.add[0].tcpPorts[0]", "is not a port"
            ),
            (
                "guards: {metadata: {add: [{name: node-ports, addresses: [10.0.0.1]}]}}", "guards.metadata.add[0].name",
                "is the name of the guard of node ports"
            ),
            ("guards: {nodePorts: {mode: on}}", "guards.nodePorts.mode", "must be a string"),
            ("guards: {nodePorts: {ports: []}}", "guards.nodePorts.ports", "at least one port"),
            ("guards: {nodePorts: {ports: [2379-2380]}}", "guards.nodePorts.ports[0]", "must be a number"),
            ("guards: {nodePorts: {allow: [a]}}", "guards.nodePorts.allow", "is not a setting"),
            (
                "guards: {metadata: {exempt: [{serviceAccount: a}]}}", "guards.metadata.exempt[0].namespace",
                "is missing"
            ),
            (
                "guards: {metadata: {exempt: [{namespace: a, podSelector: {matchExpressions: [{key: b, operator: Is}]}}]}}",
                "guards.metadata.exempt[0].podSelector.matchExpressions[0].operator", "Is"
            ),
        ])
    func mistakesAreNamed(_ text: String, _ field: String, _ says: String) throws {
        let (_, diagnostics) = read(text)
        let diagnostic = try #require(diagnostics.first, "nothing was said about: \(text)")
        #expect(diagnostics.count == 1, "\(diagnostics)")
        #expect(diagnostic.severity == .error && diagnostic.origin == "c.yaml:1")
        #expect(diagnostic.field == field)
        #expect(diagnostic.message.contains(says), "\(diagnostic.message)")
    }

    @Test(
        "files that are no configuration",
        arguments: [
            ("source: a\n---\nsource: b\n", "only one document"), ("- source: a\n", "must be an object"),
            ("source: [", "c.yaml:"), ("source: a\nsource: b\n", "twice"),
        ])
    func filesThatAreNoConfiguration(_ text: String, _ says: String) {
        let (_, diagnostics) = read(text)
        #expect(diagnostics.contains { "\($0)".contains(says) }, "\(diagnostics)")
    }
}
