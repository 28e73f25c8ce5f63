import PolicyCompiler
import PolicyModel
import TestHarness
import Testing
import VerdictTables

/// The compiled tables and the naive evaluator must agree on every flow.
@Suite struct RandomComparisonTests {
    static let wanted = 1_000_000
    static let flowsPerPod = 100

    private struct Tally {
        var flows = 0
        var clusters: UInt64 = 0
        var verdicts: [Action: Int] = [:]
        var named: [Action: Int] = [:]

        mutating func add(_ other: Tally) {
            flows += other.flows
            clusters += other.clusters
            verdicts.merge(other.verdicts, uniquingKeysWith: +)
            named.merge(other.named, uniquingKeysWith: +)
        }
    }

    @Test("compiled tables agree with the oracle") func compiledTablesAgreeWithTheOracle() async throws {
        print("random comparison: seed \(chosenSeed)")
        let clock = ContinuousClock()
        let start = clock.now
        var tally = Tally()
        let workers = 2
        try await withThrowingTaskGroup(of: (Tally, Mismatch?).self) { group in
            for worker in 0..<workers { group.addTask { try compareSome(worker, of: workers) } }
            for try await (part, mismatch) in group {
                tally.add(part)
                if let mismatch { Issue.record("\(mismatch)") }
            }
        }
        let (flows, clusters, verdicts, named) = (tally.flows, tally.clusters, tally.verdicts, tally.named)
        let seconds = (clock.now - start) / .seconds(1)
        print(
            "random comparison: \(flows) flows over \(clusters) clusters from seed \(chosenSeed) agree,",
            "\(Int(Double(flows) / seconds)) a second;",
            verdicts.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", "), "; by a name",
            named.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", "))
        #expect(flows >= Self.wanted)
        for action in [Action.allow, .deny, .guard, .audit, .allowGuarded] {
            let least = action == .audit || action == .allowGuarded ? flows / 500 : flows / 50
            #expect(verdicts[action, default: 0] > least, "the flows are one-sided: \(action)")
        }
        #expect(named[.allow, default: 0] > flows / 500 && named[.allowGuarded, default: 0] > 0)
    }

    /// One worker's share of the flows, of which it takes each so manieth cluster.
    private func compareSome(_ worker: Int, of workers: Int) throws -> (Tally, Mismatch?) {
        var tally = Tally()
        while tally.flows < Self.wanted / workers + 1 {
            // Cluster n of seed s is cluster 0 of seed s + n.
            let seed = chosenSeed &+ UInt64(worker) &+ tally.clusters &* UInt64(workers)
            tally.clusters += 1
            let cluster = RandomCluster(seed: seed, size: Int(20 + seed % 5 * 20))
            if let mismatch = try compare(cluster, seed, &tally) { return (tally, mismatch) }
        }
        return (tally, nil)
    }

    private func compare(_ cluster: RandomCluster, _ seed: UInt64, _ tally: inout Tally) throws -> Mismatch? {
        let objects = cluster.sortedObjects
        var compiler = PolicyCompiler(options: cluster.options)
        _ = compiler.update(objects.map { .set($0) })
        let tables = IndexedTables(compiler.tables)
        let oracle = Oracle(objects, options: cluster.options)
        let source = RandomFlows(about: objects)
        var random = SplitMix64(seed: seed ^ 0x5555)
        for pod in cluster.pods {
            let subject = try #require(compiler.subjects[pod.key])
            for _ in 0..<Self.flowsPerPod {
                let flow = source.next(&random)
                let judged = try tables.judge(
                    subject.policySet, to: flow.address, protocol: flow.protocolNumber, port: flow.port,
                    names: flow.names)
                let expected = oracle.judge(
                    pod, to: flow.address, protocol: flow.protocolNumber, port: flow.port, names: flow.names)
                tally.flows += 1
                tally.verdicts[expected, default: 0] += 1
                if judged.name != nil { tally.named[expected, default: 0] += 1 }
                if judged.decision.action != expected {
                    return Mismatch(
                        seed: seed, objects: objects, options: cluster.options, pod: pod, flow: flow,
                        oracle: expected, tables: judged, names: compiler.names)
                }
            }
        }
        return nil
    }
}

/// All that is needed to see why.
struct Mismatch: CustomStringConvertible {
    var seed: UInt64
    var objects: [ClusterObject]
    var options: CompilerOptions
    var pod: Pod
    var flow: Flow
    var oracle: Action
    var tables: Judgement
    var names: IdentifierLegend

    var description: String {
        """
        SLUICE_SEED=\(seed): \(pod.key) to \(flow.address) protocol \(flow.protocolNumber) port \(flow.port) as \(flow.names)
          oracle: \(oracle)
          tables: \(tables.decision.action), by \(names.causes[tables.decision.cause].map { $0.reason } ?? "nothing")
            class \(tables.addressClass): \(names.classes[tables.addressClass]?.map(\.text) ?? [])
            rule \(tables.rule.map { "\($0)" } ?? "none"), by default: \(tables.byDefault)
          guards beyond the default: \(options.guards.dropFirst(MetadataEndpoint.defaultGuards.count).map { $0 })
          exemptions: \(options.exemptions)
          cluster:
        \(objects.map { "    \($0)" }.joined(separator: "\n"))
        """
    }
}
