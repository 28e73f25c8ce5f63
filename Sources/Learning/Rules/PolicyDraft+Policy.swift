import Flows
import PolicyModel

/// What a draft comes to.
extension PolicyDraft {
    /// Nil if there is nothing to allow: a policy without rules would deny all.
    func policy(_ identityLabels: IdentityLabels) -> LearnedPolicy? {
        let rules = namedRules + blockRules
        let names = nameRules.chunks(of: LearnedNameRule.limit).map { LearnedNames(rules: $0) }
        guard !rules.isEmpty || !names.isEmpty else { return nil }
        let others = Set(identities.flatMap(identityLabels.alsoSelected)).subtracting(identities)
        let whom = identities.sorted().map(\.text).joined(separator: ", ").capitalizedFirst
        var comments = [
            "\(whom): learned from what was seen between \(first.text) and \(last.text). The rest is denied."
        ]
        if !others.isEmpty {
            let names = others.sorted().map(\.text).joined(separator: ", ")
            comments.append("The selector selects these as well: \(names).")
        }
        return LearnedPolicy(
            key: NamespacedName(subject.namespace, PolicyName.of(name)), podSelector: subject.selector,
            rules: rules, names: names, comments: comments,
            notes: refused.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)." })
    }

    private var namedRules: [LearnedRule] {
        let named = peers.filter { if case .block = $0.key { false } else { true } }
        return named.sorted {
            $0.key.order(in: subject.namespace)
                .lexicographicallyPrecedes($1.key.order(in: subject.namespace))
        }.map { peer, known in
            LearnedRule(
                peers: [peer], ports: known.ports.sorted(), comments: [known.text.capitalizedFirst + "."])
        }
    }

    /// Blocks with the same ports share a rule.
    private var blockRules: [LearnedRule] {
        var blocks: [IPBlock: Peer] = [:]
        for case (.block(let block), let peer) in peers { blocks[block] = peer }
        for (endpoint, seen) in outside {
            let port = LearnedPort(protocol: endpoint.protocol, number: endpoint.port)
            for (block, evidence) in aggregation.blocks(of: seen) {
                blocks[block, default: Peer()].ports.insert(port)
                blocks[block]?.evidence.add(evidence)
            }
        }
        let byPorts = Dictionary(grouping: blocks.sorted { $0.key.prefix < $1.key.prefix }) { $0.value.ports.sorted() }
        return byPorts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ports, entries in
            LearnedRule(
                peers: entries.map { .block($0.key) }, ports: ports,
                comments: entries.count > 1 ? ["\(entries.count) blocks of addresses:"] : [],
                blockComments: Dictionary(
                    uniqueKeysWithValues: entries.map { ($0.key, $0.value.text.capitalizedFirst + ".") }))
        }
    }
}

extension PolicyDraft {
    /// Names with the same ports share a rule.
    private var nameRules: [LearnedNameRule] {
        let byPorts = Dictionary(grouping: domains.sorted { $0.key < $1.key }) { $0.value.ports.sorted() }
        return byPorts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { ports, entries in
            let limit = LearnedNameRule.limit
            let peers = entries.map { LearnedNameRule.Entry(pattern: $0.key, comment: $0.value.text) }.chunks(of: limit)
            return peers.chunks(of: limit).flatMap { peers in
                ports.chunks(of: limit).map { LearnedNameRule(peers: peers, ports: $0) }
            }
        }
    }
}

extension Array {
    /// In order, each of at most so many elements.
    fileprivate func chunks(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
