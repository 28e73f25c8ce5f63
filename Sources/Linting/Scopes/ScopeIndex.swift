import PolicyModel

/// Finds the scopes that may cover another one without asking each.
///
/// What covers a selector holds it to no label that it does not name itself. So
/// each scope is filed under one label that it asks for, of its subject and of its
/// peers, and is looked for under all labels that the narrower one names.
struct ScopeIndex {
    private enum Anchor: Hashable {
        case none
        case pod(String, String?)
        case namespace(String, String?)
        case block(Prefix)
        case nodes
        case domains
    }

    private struct Key: Hashable {
        var subject: Anchor
        var destination: Anchor
    }

    private var places: [Key: [Int]] = [:]
    private var lengths: Set<Int> = []

    init(_ scopes: some Sequence<Scope>) {
        for (place, scope) in scopes.enumerated() {
            for subject in Self.filed(scope.subject) {
                for destination in filed(scope.destination) {
                    places[Key(subject: subject, destination: destination), default: []].append(place)
                }
            }
        }
    }

    /// The first place among the scopes that may cover this one for which it holds.
    func first(covering scope: Scope, where holds: (Int) -> Bool) -> Int? {
        let destinations = asked(scope.destination)
        for subject in Self.asked(scope.subject) {
            for destination in destinations {
                let filed = places[Key(subject: subject, destination: destination)] ?? []
                if let place = filed.first(where: holds) { return place }
            }
        }
        return nil
    }

    private mutating func filed(_ destination: Scope.Destination) -> [Anchor] {
        switch destination {
        case .everything: return [.none]
        case .pods(let selection): return Self.filed(selection)
        case .nodes: return [.nodes]
        case .domains: return [.domains]
        case .block(let block):
            lengths.insert(block.prefix.length)
            return [.block(block.prefix)]
        }
    }

    private func asked(_ destination: Scope.Destination) -> [Anchor] {
        switch destination {
        case .everything: return [.none]
        case .pods(let selection): return Self.asked(selection)
        case .nodes: return [.nodes, .none]
        case .domains: return [.domains, .none]
        case .block(let block):
            let wider = lengths.filter { $0 <= block.prefix.length }.sorted()
            return wider.map { .block(Prefix(block.prefix.address, length: $0)) } + [.none]
        }
    }

    private static func filed(_ selection: PodSelection) -> [Anchor] {
        if let requirement = selection.pods.requirements.first { return filed(requirement, Anchor.pod) }
        if let requirement = selection.namespaces.requirements.first { return filed(requirement, Anchor.namespace) }
        return [.none]
    }

    private static func asked(_ selection: PodSelection) -> [Anchor] {
        selection.pods.requirements.flatMap { asked($0, Anchor.pod) }
            + selection.namespaces.requirements.flatMap { asked($0, Anchor.namespace) } + [.none]
    }

    private static func filed(
        _ requirement: LabelSelector.Requirement, _ anchor: (String, String?) -> Anchor
    ) -> [Anchor] {
        requirement.operator == .in
            ? requirement.values.map { anchor(requirement.key, $0) } : [anchor(requirement.key, nil)]
    }

    /// One value is enough: what covers it must take all of them.
    private static func asked(
        _ requirement: LabelSelector.Requirement, _ anchor: (String, String?) -> Anchor
    ) -> [Anchor] {
        let general = anchor(requirement.key, nil)
        guard requirement.operator == .in, let value = requirement.values.first else { return [general] }
        return [anchor(requirement.key, value), general]
    }
}
