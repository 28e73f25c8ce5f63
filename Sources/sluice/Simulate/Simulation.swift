import KubernetesObjects
import ManifestSource
import PolicyCompiler
import PolicyModel
import VerdictTables

/// The verdicts that a set of objects leads to, for every pod in it.
struct Simulation {
    /// What keeps a pod from more comes first.
    enum Verdict: String, Encodable, Comparable, CaseIterable {
        case deny, audit, allow

        static func < (left: Self, right: Self) -> Bool {
            allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
        }
    }

    struct Answer {
        var verdict: Verdict
        var reason: String
        var policy: String?
        var rule: Int?
        /// What a name stands for.
        var addresses: [IPAddress]?
    }

    private let compiler: PolicyCompiler
    private let lookup: IndexedTables
    private let dns: [DomainName: [IPAddress]]
    /// What the files hold.
    let objects: [ClusterObject]
    private let namesByAddress: [IPAddress: [DomainName]]
    /// What is wrong with the objects.
    let diagnostics: [Diagnostic]

    /// - Parameters:
    ///   - dns: what names stand for.
    ///   - options: the guards and who is exempt from them.
    init(
        files: [(name: String, contents: [UInt8])], dns: [DomainName: [IPAddress]], options: CompilerOptions
    ) {
        self.dns = dns
        namesByAddress = dns.sorted { $0.key < $1.key }.reduce(into: [:]) { names, entry in
            for address in Set(entry.value) { names[address, default: []].append(entry.key) }
        }
        var options = options
        options.subjects = .everyPod
        var store = ManifestStore()
        for file in files { store.update(file: file.name, contents: file.contents) }
        var compiler = PolicyCompiler(options: options)
        let changes = store.drainChanges()
        objects = changes.compactMap { if case .set(let object) = $0 { object } else { nil } }
        _ = compiler.update(changes)
        self.compiler = compiler
        lookup = IndexedTables(compiler.tables)
        diagnostics = store.diagnostics + compiler.warnings
    }

    /// - Throws: `Failure` if no object is that pod, or nothing says what a name stands for.
    func answer(_ probe: Probe) throws -> Answer {
        guard let subject = compiler.subjects[probe.pod] else {
            throw Failure.badInput(
                "no pod \(probe.pod) among the objects; "
                    + (compiler.subjects.isEmpty
                        ? "there is none: give the cluster's pods too (kubectl get pods -A -o yaml)"
                        : "there are \(compiler.subjects.count) pods: "
                            + compiler.subjects.keys.sorted().prefix(5).map(\.description).joined(separator: ", ")))
        }
        switch probe.to {
        case .address(let address): return try answer(probe, subject, address)
        case .name(let name): return try answer(probe, subject, name)
        }
    }

    /// A client may take any of a name's addresses, so each must be allowed.
    private func answer(_ probe: Probe, _ subject: LocalPod, _ name: DomainName) throws -> Answer {
        guard let addresses = dns[name], !addresses.isEmpty else {
            throw Failure.badInput(
                "\(name)\(probe.port > 0 ? ":\(probe.port)" : ""): nothing says what its addresses are; name a file of them with --dns, or write \(Destination.form)"
            )
        }
        let answers = try addresses.map { ($0, try answer(probe, subject, $0, as: name)) }
        var (address, worst) = answers.min { $0.1.verdict < $1.1.verdict } ?? answers[0]
        if answers.contains(where: { $0.1.reason != worst.reason }) { worst.reason = "\(address): \(worst.reason)" }
        worst.addresses = addresses
        return worst
    }

    private func answer(
        _ probe: Probe, _ subject: LocalPod, _ address: IPAddress, as name: DomainName? = nil
    ) throws -> Answer {
        if address.isLoopback || subject.addresses.contains(address) {
            return Answer(verdict: .allow, reason: "it is the pod itself")
        }
        func judge(_ names: [DomainName]) throws -> Judgement {
            try lookup.judge(
                subject.policySet, to: address, protocol: probe.protocol.number(to: address), port: probe.port,
                names: names)
        }
        let judgement = try judge([name].compactMap(\.self))
        let cause = compiler.cause(judgement.decision.cause)
        let verdict: Verdict =
            switch judgement.decision.action {
            case .allow, .allowGuarded: .allow
            case .guard: .deny
            case .audit: .audit
            case .deny: subject.flags.contains(.audit) ? .audit : .deny
            }
        var reason = cause?.reason ?? "no entry"
        if let name = judgement.name { reason += ", as \(name)" }
        if name == nil, let other = try judge(namesByAddress[address] ?? []).name {
            reason += "; a pod that asks for \(other) may go there"
        }
        return Answer(verdict: verdict, reason: reason, policy: cause?.policy?.policyText, rule: cause?.rule)
    }
}
