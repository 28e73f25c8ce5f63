import PolicyModel

/// Finds the pod groups that a rule may mean without asking each.
struct GroupIndex: Sendable {
    private struct Label: Hashable {
        var key: String
        var value: String
    }

    private(set) var all: Set<PeerID> = []
    private var byNamespace: [String: Set<PeerID>] = [:]
    private var byLabel: [Label: Set<PeerID>] = [:]

    mutating func insert(_ id: PeerID, _ group: PodGroup) {
        all.insert(id)
        byNamespace[group.namespace, default: []].insert(id)
        for (key, value) in group.labels { byLabel[Label(key: key, value: value), default: []].insert(id) }
    }

    mutating func remove(_ id: PeerID, _ group: PodGroup) {
        all.remove(id)
        Self.remove(id, &byNamespace[group.namespace])
        for (key, value) in group.labels { Self.remove(id, &byLabel[Label(key: key, value: value)]) }
    }

    private static func remove(_ id: PeerID, _ members: inout Set<PeerID>?) {
        members?.remove(id)
        if members?.isEmpty == true { members = nil }
    }

    func groups(inNamespace name: String) -> Set<PeerID> { byNamespace[name] ?? [] }

    /// At least the groups whose namespace and labels these selectors match.
    func candidates(namespaces: NamespaceChoice, pods: LabelSelector) -> Set<PeerID> {
        var fewest = all
        func narrow(_ choices: [Set<PeerID>]) {
            if choices.reduce(0, { $0 + $1.count }) < fewest.count {
                fewest = choices.reduce(into: []) { $0.formUnion($1) }
            }
        }
        switch namespaces {
        case .named(let name): narrow([groups(inNamespace: name)])
        case .matching(let selector):
            for names in selector.oneOf("kubernetes.io/metadata.name") { narrow(names.map(groups)) }
        }
        for requirement in pods.requirements where requirement.operator == .in {
            narrow(requirement.values.map { byLabel[Label(key: requirement.key, value: $0)] ?? [] })
        }
        return fewest
    }
}

/// Which namespaces a rule means.
enum NamespaceChoice {
    case named(String)
    case matching(LabelSelector)
}

extension LabelSelector {
    /// The values that the label must have one of, once for each time it is required.
    fileprivate func oneOf(_ key: String) -> [[String]] {
        requirements.filter { $0.key == key && $0.operator == .in }.map(\.values)
    }
}
