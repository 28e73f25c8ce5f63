import Flows
import Learning
import ManifestSource
import PolicyCompiler
import PolicyModel
import TestHarness
import Testing
import VerdictTables

@Suite("Policies learned from random traffic")
struct LearnedPolicyPropertyTests {
    @Test("what was learned from is allowed, by the cluster's objects and by records alone; the rest mostly is not")
    func allowsWhatItSaw() throws {
        print("LearnedPolicyPropertyTests: SLUICE_SEED=\(chosenSeed)")
        var strangers = 0
        var policies = 0
        for round in 0..<150 {
            let seed = chosenSeed &+ UInt64(round)
            var world = RandomWorld(seed: seed)
            let flows = world.traffic(round % 60 + 5)
            var records = FlowRecords(limit: 10_000)
            for flow in flows { records.add(flow) }
            let withObjects = round % 2 == 0
            let lesson = PolicyGenerator(
                records.unsorted, cluster: world.recorded, objects: withObjects ? world.objects : []
            ).lesson()
            let learned = try read(lesson.policies, seed)
            policies += learned.count
            try everyFlowPasses(flows, world.objects + learned, lesson, seed)
            try everyRecordPasses(records, world.recorded, learned, lesson, seed)
            strangers += try deniedStrangers(&world, flows, world.objects + learned)
        }
        #expect(policies > 300 && strangers > 1000, "\(policies) policies deny \(strangers) flows that were never seen")
    }

    /// What kubectl would be given, through the reader of manifests.
    private func read(_ policies: [LearnedPolicy], _ seed: UInt64) throws -> [ClusterObject] {
        var store = ManifestStore()
        let text = policies.map(\.yaml).joined(separator: "---\n")
        if policies.isEmpty { return [] }
        store.update(file: "learned.yaml", contents: Array(text.utf8))
        let objects = store.drainChanges().compactMap { if case .set(let object) = $0 { object } else { nil } }
        try #require(
            store.diagnostics.isEmpty && objects.count == text.split(separator: "---\n").count,
            "seed \(seed): \(store.diagnostics)\n\(text)")
        return objects
    }

    private func everyFlowPasses(
        _ flows: [Flow], _ objects: [ClusterObject], _ lesson: PolicyGenerator.LearningResult, _ seed: UInt64
    ) throws {
        let verdicts = Verdicts(objects)
        let omitted = Set(lesson.omissions.map(\.record.key))
        for flow in flows {
            let key = try #require(FlowRecord(flow)).key
            if omitted.contains(key) { continue }
            let address = try #require(flow.destination.address)
            let allowed = try verdicts.allow(
                NamespacedName(flow.source.namespace, flow.source.pod), address, flow.transport.protocolNumber,
                flow.transport.destinationPort, names: RandomWorld.names(of: address))
            #expect(allowed, "seed \(seed): \(key)\n\(lesson.policies.map(\.yaml).joined(separator: "---\n"))")
            #expect(flow.verdict == .allowed || flow.verdict == .audit)
            #expect(!flow.guarded)
        }
        // Nothing is left out that could be written.
        for omission in lesson.omissions where omission.record.passed {
            #expect(omission.reason.contains("have no labels"), "seed \(seed): \(omission)")
        }
    }

    private func everyRecordPasses(
        _ records: FlowRecords, _ cluster: RecordedCluster, _ learned: [ClusterObject],
        _ lesson: PolicyGenerator.LearningResult,
        _ seed: UInt64
    ) throws {
        let omitted = Set(lesson.omissions.map(\.record.key))
        for outcome in try Replay(records.unsorted, cluster: cluster).outcomes(under: learned)
        where !omitted.contains(outcome.record.key) {
            #expect(
                outcome.allowed, "seed \(seed): \(outcome)\n\(lesson.policies.map(\.yaml).joined(separator: "---\n"))")
        }
    }

    private func deniedStrangers(
        _ world: inout RandomWorld, _ flows: [Flow], _ objects: [ClusterObject]
    ) throws -> Int {
        let verdicts = Verdicts(objects)
        var denied = 0
        for _ in 0..<40 {
            let (source, address, port) = world.pair()
            let seen = flows.contains {
                $0.destination.address == address && $0.transport.destinationPort == port
                    && $0.source.key == source.key
            }
            if !seen, try !verdicts.allow(source.key, address, 6, port) { denied += 1 }
        }
        return denied
    }
}

/// What objects lead to.
struct Verdicts {
    private let compiler: PolicyCompiler
    private let lookup: IndexedTables

    init(_ objects: [ClusterObject]) {
        var compiler = PolicyCompiler()
        _ = compiler.update(objects.map(ClusterChange.set))
        self.compiler = compiler
        lookup = IndexedTables(compiler.tables)
    }

    func allow(
        _ pod: NamespacedName, _ address: IPAddress, _ protocolNumber: UInt8, _ port: UInt16,
        names: [DomainName] = []
    ) throws -> Bool {
        let subject = try #require(compiler.subjects[pod])
        if subject.addresses.contains(address) { return true }
        return try lookup.judge(
            subject.policySet, to: address, protocol: protocolNumber, port: port, names: names
        ).decision.action.allows
    }
}
