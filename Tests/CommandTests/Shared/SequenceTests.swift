import ManifestSource
import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// A changing cluster through one compiler, and through tables that are changed
/// step by step as the kernel's are.
@Suite struct SequenceTests {
    @Test("there are sequences") func thereAreSequences() {
        #expect(SharedCase.sequences.contains { $0.count > 2 } || !SharedCase.folder.hasSuffix("/Tests/Cases"))
    }

    @Test("changes lead where the whole leads", arguments: SharedCase.sequences)
    func changesLeadWhereTheWholeLeads(_ steps: [SharedCase]) throws {
        var store = ManifestStore()
        var compiler = PolicyCompiler()
        var tables = compiler.tables
        var first = true
        for step in steps {
            store.update(file: "cluster.json", contents: step.contents)
            let update = compiler.update(store.drainChanges())
            // What the compiler begins with is part of the first update.
            if first { tables = VerdictTables() }
            first = false
            tables = update.removals.applied(to: update.additions.applied(to: tables))
            #expect(tables == compiler.tables, "\(step): the changes add up to the tables")
            let lookup = IndexedTables(tables)
            for probe in try step.probes() {
                let verdict = try verdict(probe, compiler, lookup)
                if verdict != probe.expect { Issue.record("\(step): \(probe): \(verdict)") }
            }
        }
    }

    func verdict(
        _ probe: SharedCase.Probe, _ compiler: PolicyCompiler, _ lookup: IndexedTables
    ) throws -> String {
        let name = probe.pod.split(separator: "/").map(String.init)
        let subject = try #require(compiler.subjects[NamespacedName(name[0], name[1])])
        let address = try #require(IPAddress(probe.to))
        if address.isLoopback || subject.addresses.contains(address) { return "allow" }
        let number = TransportProtocol(name: probe.protocol)?.rawValue ?? (address.isIPv4 ? 1 : 58)
        let judgement = try lookup.judge(
            subject.policySet, to: address, protocol: number, port: UInt16(probe.port ?? 0))
        return judgement.decision.action == .allow ? "allow" : "deny"
    }
}
