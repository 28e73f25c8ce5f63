import Agent
import AgentAPI
import AgentConfiguration
import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

@Suite struct GuardSettingsTests {
    func names(_ change: (inout Configuration.MetadataGuard) -> Void) -> Set<String> {
        var configuration = Configuration()
        change(&configuration.metadata)
        return Set(configuration.guards.map(\.name))
    }

    let usual = Set(MetadataEndpoint.defaultGuards.map(\.name))

    @Test("rows are switched on and off") func rowsAreSwitchedOnAndOff() {
        #expect(names { _ in } == usual && usual.contains("imds") && !usual.contains("aws-ntp"))
        #expect(names { $0.allow = ["imds"] } == usual.subtracting(["imds"]))
        #expect(names { $0.block = ["aws-ntp"] } == usual.union(["aws-ntp"]))
        #expect(names { $0.allow = ["aws-ntp"] } == usual)
        #expect(names { $0.block = ["imds"] } == usual)
        let own = Guard(name: "vault", destinations: [Prefix(addressOrBlock: "10.8.0.1")!], ports: .all)
        #expect(names { $0.add = [own] } == usual.union(["vault"]))
    }

    @Test("modes say whether and how") func modesSayWhetherAndHow() {
        #expect(names { $0.mode = .audit } == usual)
        #expect(
            names {
                $0.mode = .off; $0.block = ["aws-ntp"]
            }.isEmpty)
        var configuration = Configuration()
        #expect(configuration.nodeSettings(levels: [3]).flags == [.failFast, .sources])
        configuration.metadata.mode = .audit
        configuration.enforcement = .audit
        configuration.failFast = false
        configuration.startupPosture = .hold
        configuration.replySeconds = 2
        configuration.flows.allowedSampling = 3
        configuration.flows.eventsPerSecond = 4
        configuration.flows.repeatSeconds = 5
        var expected = NodeSettings(
            flags: [.audit, .sources], posture: .hold, replyWindow: 2_000_000_000, levels: [3, 4])
        expected.reporting.allowedSampling = 3
        expected.reporting.eventsPerSecond = 4
        expected.reporting.repeatWindow = 5_000_000_000
        #expect(configuration.nodeSettings(levels: [3, 4]) == expected)
    }

    @Test("each guard has its own mode") func eachGuardHasItsOwnMode() {
        var configuration = Configuration()
        configuration.metadata.mode = .audit
        #expect(configuration.guards.allSatisfy { $0.mode == .audit && $0.kind == .metadata })
        configuration.nodePorts.mode = .enforce
        #expect(configuration.guards.last == .nodePorts(mode: .enforce))
        configuration.metadata.mode = .off
        configuration.nodePorts.ports = [6443...6443]
        #expect(configuration.guards == [.nodePorts([6443...6443])])
        configuration.nodePorts.mode = .off
        #expect(configuration.guards.isEmpty)
    }

    @Test("the packet-socket guard has its switch and its list") func theGuardOfSocketsHasItsSwitchAndItsList() {
        let (enforcing, none) = ConfigurationFile.read(Array("guards: {sockets: {}}".utf8), file: "c")
        #expect(none.isEmpty && enforcing.sockets.mode == .enforce && enforcing.guards == Configuration().guards)
        let text = "guards: {sockets: {mode: audit, exempt: [{namespace: kube-system, reason: the CNI}]}}"
        let (auditing, problems) = ConfigurationFile.read(Array(text.utf8), file: "c")
        #expect(problems.isEmpty)
        #expect(auditing.nodeSettings(levels: []).flags == [.failFast, .auditSockets, .sources])
        #expect(
            auditing.compilerOptions.exemptions == [GuardExemption(from: .sockets, namespace: "kube-system")])
        let (_, wrong) = ConfigurationFile.read(Array("guards: {sockets: {modes: audit}}".utf8), file: "c")
        #expect(!wrong.isEmpty)
    }

    @Test("the guard of sources has its switch and its list") func theGuardOfSourcesHasItsSwitchAndItsList() {
        let text =
            "guards: {sources: {mode: audit, exempt: [{namespace: ci, reason: builds}]}}\nfailFastExcept: [198.51.100.0/24]"
        let (auditing, problems) = ConfigurationFile.read(Array(text.utf8), file: "c")
        #expect(problems.isEmpty)
        #expect(auditing.nodeSettings(levels: []).flags == [.failFast, .sources, .auditSources])
        #expect(auditing.compilerOptions.exemptions == [GuardExemption(from: .sources, namespace: "ci")])
        #expect(auditing.failFastExcept.map(\.description) == ["198.51.100.0/24"])
        #expect(Configuration().failFastExcept.map(\.description) == ["240.240.0.0/16", "2001:2::/48"])
        for wrong in ["guards: {sources: {modes: audit}}", "failFastExcept: [198.51.100.0]"] {
            #expect(!ConfigurationFile.read(Array(wrong.utf8), file: "c").1.isEmpty)
        }
    }

    @Test("the compiler is told of this node's pods") func theCompilerIsToldOfThisNodesPods() {
        var configuration = Configuration()
        configuration.nodeName = "n1"
        configuration.metadata.exempt = [GuardExemption(namespace: "kube-system")]
        let options = configuration.compilerOptions
        #expect(options.subjects == .node("n1", includingUnassigned: true))
        configuration.source = .kubernetes
        #expect(
            configuration.compilerOptions.subjects == .node("n1", includingUnassigned: false),
            "a pod that is not scheduled runs nowhere")
        #expect(options.guards == configuration.guards)
        #expect(options.exemptions == [GuardExemption(namespace: "kube-system")])
    }
}
