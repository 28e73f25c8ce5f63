import Linting
import PolicyCompiler
import PolicyModel
import TestHarness
import Testing
import VerdictTables

/// What is said of a cluster without tables must be what the tables say.
@Suite struct ReviewTests {
    static let clusters: UInt64 = 150

    @Test("a review answers as the tables do")
    func reviewsAgreeWithTables() throws {
        var flows = 0
        for number in 0..<Self.clusters {
            let seed = chosenSeed &+ number
            let cluster = RandomCluster(seed: seed, size: Int(20 + seed % 5 * 20))
            let objects = cluster.sortedObjects
            var compiler = PolicyCompiler(options: cluster.options)
            _ = compiler.update(objects.map { .set($0) })
            let tables = IndexedTables(compiler.tables)
            var review = PolicyReview(objects, options: cluster.options)
            let sets = cluster.pods.map { review.policySet(of: $0) }
            let source = RandomFlows(about: objects)
            var random = SplitMix64(seed: seed)
            for (pod, set) in zip(cluster.pods, sets) {
                let subject = try #require(compiler.subjects[pod.key])
                #expect(set == subject.policySet)
                for _ in 0..<40 {
                    let flow = source.next(&random)
                    guard let `protocol` = TransportProtocol(rawValue: flow.protocolNumber) else { continue }
                    let wanted = try tables.judge(
                        set, to: flow.address, protocol: flow.protocolNumber, port: flow.port
                    ).decision
                    let told = review.judge(set, to: flow.address, protocol: `protocol`, port: flow.port)
                    flows += 1
                    guard told.action == wanted.action else {
                        Issue.record(
                            "SLUICE_SEED=\(seed): \(pod.key) to \(flow): \(told), the tables say \(wanted.action)")
                        return
                    }
                }
            }
        }
        #expect(flows > 10_000)
    }

    /// The warnings that name a rule or a peer say that it makes no difference.
    @Test("rules found redundant or never to match can go, and no verdict changes")
    func findingsAreProven() throws {
        var removed: [Check: Int] = [:]
        for number in 0..<(Self.clusters * 4) {
            let seed = chosenSeed &+ number
            let cluster = RandomCluster(seed: seed, size: Int(20 + seed % 5 * 20))
            let objects = cluster.sortedObjects
            let findings = Linter(objects: objects, options: cluster.options)
                .report([.ruleRedundant, .ruleNeverMatches]).findings
                .filter { $0.severity == .warning || $0.check == .ruleRedundant }
            guard !findings.isEmpty else { continue }
            for finding in findings { removed[finding.check, default: 0] += 1 }
            let fields = Dictionary(grouping: findings, by: \.object).mapValues { Set($0.map(\.field)) }
            let fewer = objects.map { $0.without(fields[$0.reference] ?? []) }
            if let difference = try difference(cluster, objects, fewer, seed) {
                Issue.record("SLUICE_SEED=\(seed): \(difference)\n\(findings.map { "\($0)" }.joined(separator: "\n"))")
                return
            }
        }
        #expect(removed[.ruleRedundant, default: 0] > 100 && removed[.ruleNeverMatches, default: 0] > 100, "\(removed)")
    }

    private func difference(
        _ cluster: RandomCluster, _ before: [ClusterObject], _ after: [ClusterObject], _ seed: UInt64
    ) throws -> String? {
        func compiled(_ objects: [ClusterObject]) -> (PolicyCompiler, IndexedTables) {
            var compiler = PolicyCompiler(options: cluster.options)
            _ = compiler.update(objects.map { .set($0) })
            return (compiler, IndexedTables(compiler.tables))
        }
        let (old, oldTables) = compiled(before)
        let (new, newTables) = compiled(after)
        let source = RandomFlows(about: before)
        var random = SplitMix64(seed: seed)
        // A finished pod connects nowhere, and lint looks at none.
        for pod in cluster.pods where !pod.finished {
            let (oldSet, newSet) = try (
                #require(old.subjects[pod.key]).policySet, #require(new.subjects[pod.key]).policySet
            )
            for _ in 0..<60 {
                let flow = source.next(&random)
                let one = try oldTables.judge(
                    oldSet, to: flow.address, protocol: flow.protocolNumber, port: flow.port, names: flow.names
                ).decision
                let other = try newTables.judge(
                    newSet, to: flow.address, protocol: flow.protocolNumber, port: flow.port, names: flow.names
                ).decision
                if one.action != other.action {
                    return
                        "\(pod.key) to \(flow): \(one.action) by \(String(describing: old.cause(one.cause))), then \(other.action)"
                }
            }
        }
        return nil
    }
}

extension ClusterObject {
    /// Without the rules and peers at these fields.
    fileprivate func without(_ fields: Set<String>) -> ClusterObject {
        switch self {
        case .networkPolicy(var policy):
            policy.rules = policy.rules.compactMap { rule in
                var rule = rule
                guard let peers = kept(rule.peers, rule.index, fields) else { return nil }
                rule.peers = peers
                return rule
            }
            return .networkPolicy(policy)
        case .clusterNetworkPolicy(var policy):
            policy.rules = policy.rules.compactMap { rule in
                var rule = rule
                guard let peers = kept(rule.peers, rule.index, fields) else { return nil }
                rule.peers = peers
                return rule
            }
            return .clusterNetworkPolicy(policy)
        default: return self
        }
    }

    /// The peers that stay; nil if the rule goes with the last of them.
    private func kept<Peer>(_ peers: [Peer]?, _ rule: Int, _ fields: Set<String>) -> [Peer]?? {
        if fields.contains("spec.egress[\(rule)]") { return nil }
        guard let peers else { return .some(nil) }
        let left = peers.enumerated().filter { !fields.contains("spec.egress[\(rule)].to[\($0.offset)]") }.map(
            \.element)
        return left.isEmpty ? nil : .some(left)
    }
}
