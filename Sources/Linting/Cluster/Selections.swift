import PolicyModel

/// Which kinds of pods selectors match, remembered: the same ones are asked for often.
struct Selections {
    private let kinds: [PodKind]
    private let namespaces: [String: Labels]
    private let byNamespace: [String: [Int]]
    private var byLabel: [Label: [Int]] = [:]
    private var matchingNamespaces: [LabelSelector: Set<String>] = [:]
    private var known: [PodSelection: [Int]] = [:]

    private struct Label: Hashable {
        var key: String
        var value: String
    }

    init(_ inventory: Inventory) {
        kinds = inventory.kinds
        namespaces = inventory.namespaces
        byNamespace = Dictionary(grouping: kinds.indices) { inventory.kinds[$0].key.namespace }
        for place in kinds.indices {
            for (key, value) in kinds[place].key.labels { byLabel[Label(key: key, value: value), default: []].append(place) }
        }
    }

    /// The places of the kinds that a selection matches, those on the host's network too.
    mutating func kinds(_ selection: PodSelection) -> [Int] {
        if let known = known[selection] { return known }
        let names = namespaces(selection.namespaces)
        let candidates = candidates(names, selection.pods)
        let found = candidates.filter {
            names.contains(kinds[$0].key.namespace) && selection.pods.matches(kinds[$0].key.labels)
        }
        known[selection] = found
        return found
    }

    private func candidates(_ names: Set<String>, _ pods: LabelSelector) -> [Int] {
        let labelled = pods.requirements.filter { $0.operator == .in }
            .map { requirement in
                Set(requirement.values).flatMap { byLabel[Label(key: requirement.key, value: $0)] ?? [] }
            }
            .min { $0.count < $1.count }
        if names.count == namespaces.count { return labelled ?? Array(kinds.indices) }
        let placed = names.reduce(0) { $0 + (byNamespace[$1]?.count ?? 0) }
        if let labelled, labelled.count < placed { return labelled }
        return names.flatMap { byNamespace[$0] ?? [] }
    }

    /// The names of the namespaces that a selector matches.
    mutating func namespaces(_ selector: LabelSelector) -> Set<String> {
        if let known = matchingNamespaces[selector] { return known }
        let named = selector.requirements.first { $0.operator == .in && $0.key == PodSelection.nameLabel }?.values
        let candidates = named ?? Array(namespaces.keys)
        let found = Set(candidates.filter { namespaces[$0].map(selector.matches) ?? false })
        matchingNamespaces[selector] = found
        return found
    }
}

extension NetworkPolicy {
    /// The pods that it is about.
    var subject: PodSelection { PodSelection(namespace: key.namespace, pods: podSelector) }

    var reference: ObjectReference { ObjectReference(.networkPolicy, key) }
}

extension Peer {
    /// The pods that it means; nil for a block.
    func selection(of policy: NetworkPolicy) -> PodSelection? {
        switch self {
        case .pods(.own, let pods): PodSelection(namespace: policy.key.namespace, pods: pods)
        case .pods(.matching(let namespaces), let pods): PodSelection(namespaces: namespaces, pods: pods)
        case .block: nil
        }
    }
}
