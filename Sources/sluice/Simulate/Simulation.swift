import KubernetesObjects
import ManifestSource
import PolicyCompiler
import PolicyModel
import VerdictTables

/// The verdicts that a set of objects leads to, for every pod in it.
struct Simulation {
    enum Verdict: String, Encodable { case allow, deny, audit }

    struct Answer {
        var verdict: Verdict
        var reason: String
        var policy: String?
        var rule: Int?
    }

    private let compiler: PolicyCompiler
    private let lookup: IndexedTables
    /// What is wrong with the objects.
    let diagnostics: [Diagnostic]

    /// - Parameter options: the guards and who is exempt from them.
    init(files: [(name: String, contents: [UInt8])], options: CompilerOptions) {
        var options = options
        options.subjects = .everyPod
        var store = ManifestStore()
        for file in files { store.update(file: file.name, contents: file.contents) }
        var compiler = PolicyCompiler(options: options)
        _ = compiler.update(store.takeChanges())
        self.compiler = compiler
        lookup = IndexedTables(compiler.tables)
        diagnostics = store.diagnostics + compiler.warnings
    }

    /// - Throws: `Failure` if no object is that pod.
    func answer(_ probe: Probe) throws -> Answer {
        guard let subject = compiler.subjects[probe.pod] else {
            throw Failure.badInput(
                "no pod \(probe.pod) among the objects; there are \(compiler.subjects.count) pods"
                    + (compiler.subjects.keys.sorted().prefix(5).map { " \($0)" }.joined()))
        }
        if probe.address.isLoopback || subject.addresses.contains(probe.address) {
            return Answer(verdict: .allow, reason: "it is the pod itself")
        }
        let judgement = try lookup.judge(
            subject.policySet, to: probe.address, protocol: probe.protocol.number(to: probe.address),
            port: probe.port)
        let cause = compiler.cause(judgement.decision.cause)
        let verdict: Verdict =
            switch judgement.decision.action {
            case .allow, .pastGuard: .allow
            case .guard: .deny
            case .audit: .audit
            case .deny: subject.flags.contains(.audit) ? .audit : .deny
            }
        return Answer(
            verdict: verdict, reason: cause?.reason ?? "no entry", policy: cause?.policy, rule: cause?.rule)
    }
}
