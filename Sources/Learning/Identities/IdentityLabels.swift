import Flows
import PolicyModel

/// Who was seen in each namespace, and by which labels to tell them apart.
struct IdentityLabels {
    private struct Selector {
        var labels: Labels
        /// Who else has these labels.
        var others: [Identity]
    }

    private var identities: [FlowParty: Identity] = [:]
    private var selectors: [Identity: Selector] = [:]

    init(_ parties: Set<FlowParty>) {
        var owners: [Identity: Identity] = [:]
        /// The label sets that pods of an identity were seen with, by namespace.
        var labelSets: [String: [Identity: Set<Labels>]] = [:]
        for party in parties where party.workload != nil {
            let identity = Identity(namespace: party.namespace, workload: party.workload)
            identities[party] = identity
            let labels = LabelRank.lasting(party.labels)
            labelSets[party.namespace, default: [:]][identity, default: []].insert(labels)
            let unnamed = Identity(namespace: party.namespace, labels: labels)
            owners[unnamed] = owners[unnamed].map { min($0, identity) } ?? identity
        }
        // Endpoints and older pods may be known by labels alone.
        for party in parties where party.workload == nil {
            let labels = LabelRank.lasting(party.labels)
            let unnamed = Identity(namespace: party.namespace, labels: labels)
            let identity = owners[unnamed] ?? unnamed
            identities[party] = identity
            labelSets[party.namespace, default: [:]][identity, default: []].insert(labels)
        }
        for all in labelSets.values {
            for identity in all.keys { selectors[identity] = Self.selector(of: identity, among: all) }
        }
    }

    func identity(of party: FlowParty) -> Identity {
        identities[party]
            ?? Identity(
                namespace: party.namespace, workload: party.workload,
                labels: party.workload == nil ? party.labels : [:])
    }

    /// The smallest set of lasting labels that all of the identity's pods have and
    /// none of another's that can be told apart; empty where they have none in common.
    func selector(of identity: Identity) -> Labels { selectors[identity]?.labels ?? [:] }

    /// The other identities of its namespace that its selector selects as well.
    func alsoSelected(with identity: Identity) -> [Identity] { selectors[identity]?.others ?? [] }

    private static func selector(of identity: Identity, among all: [Identity: Set<Labels>]) -> Selector {
        var common = all[identity]?.first ?? [:]
        for labels in all[identity] ?? [] { common = common.filter { labels[$0.key] == $0.value } }
        let others = all.filter { $0.key != identity }
        let apart = others.flatMap(\.value).filter { !common.isPart(of: $0) }
        let chosen = candidates(of: common).first { one in !apart.contains { one.isPart(of: $0) } } ?? common
        return Selector(
            labels: chosen,
            others: others.filter { $0.value.contains { chosen.isPart(of: $0) } }.keys.sorted())
    }

    private static func candidates(of common: Labels) -> [Labels] {
        let keys = LabelRank.sorted(common.keys).prefix(8)
        return (1...3).flatMap { combinations(of: keys, $0) }
            .map { chosen in common.filter { chosen.contains($0.key) } }
    }

    /// In the order of the keys, first ones first.
    private static func combinations(of keys: ArraySlice<String>, _ size: Int) -> [Set<String>] {
        guard size > 0 else { return [[]] }
        return keys.indices.flatMap { index in
            combinations(of: keys[(index + 1)...], size - 1).map { $0.union([keys[index]]) }
        }
    }
}

extension Labels {
    func isPart(of other: Labels) -> Bool { allSatisfy { other[$0.key] == $0.value } }
}
