import PolicyModel
import VerdictTables

/// Which addresses a policy set says something about that it does not say about
/// every other: only these get rules of their own.
///
/// A set is asked about thousands of classes when it comes, and all sets about a
/// class when that comes; most have nothing to say to each other, and finding
/// that out must not take an evaluation.
struct RelevanceFilter {
    let set: CompiledSet
    let addressTable: AddressTable
    let cluster: ClusterState
    let services: ServiceIndex

    /// Whether the set may have something to say about an address that is this.
    func mentions(_ id: PeerID) -> Bool {
        switch addressTable.identity(id) {
        case .service(let name, _):
            isCrowded(name) || everyService || services.empty.contains(id)
                || services.members(behind: id).contains(where: mentionsDirectly)
        default: mentionsDirectly(id)
        }
    }

    private func mentionsDirectly(_ id: PeerID) -> Bool {
        switch addressTable.identity(id) {
        case .guarded, .ownNode: true
        case .block, .nodes: set.rulesNaming[id] != nil
        case .pods(let namespace, let labels, let ports):
            set.hasRule { rule in
                guard let peers = rule.peers else { return rule.namesPort(of: ports) }
                return peers.selecting.contains { $0.matches(namespace, labels, cluster) }
            }
        case .service, nil: false
        }
    }

    /// A rule for ports everywhere says nothing of services by itself, where the
    /// port is another than the endpoints': each is to be asked about.
    private var everyService: Bool {
        (self.set.admin + set.baseline).contains { $0.peers == nil && $0.ports != nil }
            || (set.openRule == nil && set.rules.contains { $0.peers == nil })
    }

    /// Every set denies such a service.
    private func isCrowded(_ service: NamespacedName) -> Bool { cluster.crowded.contains(service) }

    /// At least everything that the set mentions.
    var candidates: Set<PeerID> {
        var found = addressTable.guarded
        for service in cluster.crowded {
            for ipv4 in [true, false] {
                if let id = addressTable.known(.service(service, ipv4: ipv4)) { found.insert(id) }
            }
        }
        for rule in set.allRules {
            guard let peers = rule.peers else {
                if rule.ports?.contains(where: \.isNamed) == true { found.formUnion(addressTable.groups.all) }
                continue
            }
            for peer in peers {
                switch peer {
                case .domains: continue
                case .block(let id, _), .nodes(let id): found.insert(id)
                case .pods(let namespace, let selector, let pods):
                    found.formUnion(
                        addressTable.groups.candidates(
                            namespaces: namespace.map(NamespaceChoice.named) ?? .matching(selector), pods: pods))
                }
            }
        }
        if everyService { return found.union(services.all) }
        return found.reduce(into: found.union(services.empty)) { $0.formUnion(services.services(before: $1)) }
    }
}

extension CompiledRule {
    fileprivate func namesPort(of group: [NamedPort]) -> Bool {
        ports?.contains { port in group.contains(where: port.names) } ?? false
    }
}

extension CompiledRule.CompiledPeer {
    /// Whether this peer means pods of that namespace with those labels.
    func matches(_ namespace: String, _ labels: Labels, _ cluster: ClusterState) -> Bool {
        guard case .pods(let name, let selector, let pods) = self else { return false }
        guard name.map({ $0 == namespace }) ?? selector.matches(cluster.labels(ofNamespace: namespace)) else {
            return false
        }
        return pods.matches(labels)
    }
}

extension PolicyPort {
    fileprivate var isNamed: Bool { if case .named = number { true } else { false } }
}
