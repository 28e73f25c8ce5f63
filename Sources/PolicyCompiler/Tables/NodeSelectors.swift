import PolicyModel
import VerdictTables

/// The selectors of nodes that rules in force name, with how many do.
///
/// What a node's address is to rules is told by these, and not by the node's
/// labels: every node bears its own name in its labels, and each would be a class
/// of its own.
struct NodeSelectors {
    private var uses: [LabelSelector: Int] = [:]

    /// - Returns: whether this is the first use.
    mutating func retain(_ selector: LabelSelector) -> Bool {
        uses[selector, default: 0] += 1
        return uses[selector] == 1
    }

    /// - Returns: whether this was the last use.
    mutating func release(_ selector: LabelSelector) -> Bool {
        guard let count = uses[selector] else { return false }
        uses[selector] = count > 1 ? count - 1 : nil
        return count == 1
    }

    func matching(_ node: Node) -> [LabelSelector] { uses.keys.filter { $0.matches(node.labels) } }
}

extension PolicyCompiler {
    mutating func setNode(_ name: String, _ node: Node?) {
        let old = cluster.nodes[name]
        guard old != node else { return }
        cluster.nodes[name] = node
        metadata.nodes.append(ClusterMetadataDelta.Change(old: old, new: node))
        // Added before they are removed, so that nothing shared is forgotten in between.
        if let node { for (what, prefix) in places(of: node) { addressTable.add(what, at: prefix) } }
        if let old { for (what, prefix) in places(of: old) { addressTable.remove(what, at: prefix) } }
    }

    /// What a node's addresses are to rules and guards.
    private func places(of node: Node) -> [(PeerIdentity, Prefix)] {
        let hosts = node.addresses.map { Prefix(host: $0) }
        let named = nodeSelectors.matching(node).flatMap { selector in
            hosts.map { (PeerIdentity.nodes(selector), $0) }
        }
        let guarded = options.guards.filter { $0.kind == .nodePorts }.flatMap { guarded in
            hosts.flatMap(Guard.prefixes(of:)).map { (PeerIdentity.guarded(guarded.name), $0) }
        }
        return named + guarded
    }

    mutating func retainNodes(_ selector: LabelSelector) {
        guard nodeSelectors.retain(selector) else { return }
        for address in addresses(ofNodes: selector) { addressTable.add(.nodes(selector), at: Prefix(host: address)) }
    }

    mutating func releaseNodes(_ selector: LabelSelector) {
        guard nodeSelectors.release(selector) else { return }
        for address in addresses(ofNodes: selector) { addressTable.remove(.nodes(selector), at: Prefix(host: address)) }
    }

    private func addresses(ofNodes selector: LabelSelector) -> [IPAddress] {
        cluster.nodes.values.filter { selector.matches($0.labels) }.flatMap(\.addresses)
    }
}
