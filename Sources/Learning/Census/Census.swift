import Flows
import PolicyModel

/// Who was seen in each namespace, and by which labels to tell them apart.
struct Census {
    private var identities: [FlowParty: Identity] = [:]
    /// The label sets that pods of an identity were seen with.
    private var labelSets: [String: [Identity: Set<Labels>]] = [:]

    init(_ parties: Set<FlowParty>) {
        var owners: [Identity: Identity] = [:]
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
    }

    func identity(of party: FlowParty) -> Identity {
        identities[party]
            ?? Identity(namespace: party.namespace, workload: party.workload, labels: party.workload == nil ? party.labels : [:])
    }

    /// The smallest set of lasting labels that all of the identity's pods have and
    /// none of another's that can be told apart; empty where they have none in common.
    func selector(of identity: Identity) -> Labels {
        guard let own = labelSets[identity.namespace]?[identity], var common = own.first else { return [:] }
        for labels in own { common = common.filter { labels[$0.key] == $0.value } }
        let others = (labelSets[identity.namespace] ?? [:]).filter { $0.key != identity }.flatMap(\.value)
            .filter { !common.isPart(of: $0) }
        let keys = LabelRank.sorted(common.keys)
        for size in 1...3 {
            for chosen in combinations(of: keys.prefix(8), size) {
                let candidate = common.filter { chosen.contains($0.key) }
                if !others.contains(where: { candidate.isPart(of: $0) }) { return candidate }
            }
        }
        return common
    }

    /// The other identities of its namespace that a selector selects as well.
    func others(than identity: Identity, selectedBy selector: Labels) -> [Identity] {
        (labelSets[identity.namespace] ?? [:])
            .filter { $0.key != identity && $0.value.contains { selector.isPart(of: $0) } }
            .keys.sorted()
    }

    /// In the order of the keys, first ones first.
    private func combinations(of keys: ArraySlice<String>, _ size: Int) -> [Set<String>] {
        guard size > 0 else { return [[]] }
        return keys.indices.flatMap { index in
            combinations(of: keys[(index + 1)...], size - 1).map { $0.union([keys[index]]) }
        }
    }
}

extension Labels {
    func isPart(of other: Labels) -> Bool { allSatisfy { other[$0.key] == $0.value } }
}
