import PolicyModel

/// What is behind services: which of them an address is an endpoint of, and what
/// their endpoints are to selectors.
struct ServiceIndex: Sendable {
    private var services = PrefixTree<Prefix, Set<NamespacedName>>()
    private var addresses: [NamespacedName: Set<IPAddress>] = [:]
    /// By the identity that the service's own addresses have.
    private var behind: [PeerID: Set<PeerID>] = [:]
    private var before: [PeerID: Set<PeerID>] = [:]
    /// Services whose endpoints no selector can mean, or that have none.
    private(set) var empty: Set<PeerID> = []
    private var peershipsOf: [NamespacedName: [PeerID]] = [:]

    mutating func replace(_ service: NamespacedName, addresses new: Set<IPAddress>) {
        let old = addresses[service] ?? []
        for address in old.subtracting(new) {
            services.update(Prefix(host: address)) { names in
                names?.remove(service)
                if names?.isEmpty == true { names = nil }
            }
        }
        for address in new.subtracting(old) {
            services.update(Prefix(host: address)) { $0 = ($0 ?? []).union([service]) }
        }
        addresses[service] = new.isEmpty ? nil : new
    }

    /// The services with an endpoint in one of the prefixes.
    func services(behind prefixes: some Sequence<Prefix>) -> Set<NamespacedName> {
        var found: Set<NamespacedName> = []
        for prefix in prefixes {
            services.walk(below: prefix, inheriting: ()) { _, names, _ in found.formUnion(names) }
        }
        return found
    }

    /// Says anew what is behind a service's addresses.
    mutating func link(_ service: NamespacedName, _ links: [PeerID: Set<PeerID>]) {
        for id in peershipsOf.removeValue(forKey: service) ?? [] {
            empty.remove(id)
            for member in behind.removeValue(forKey: id) ?? [] {
                before[member]?.remove(id)
                if before[member]?.isEmpty == true { before[member] = nil }
            }
        }
        guard !links.isEmpty else { return }
        peershipsOf[service] = Array(links.keys)
        behind.merge(links) { $1 }
        for (id, members) in links {
            if members.isEmpty { empty.insert(id) }
            for member in members { before[member, default: []].insert(id) }
        }
    }

    /// What the endpoints of a service are; by the identity of its own addresses.
    func members(behind service: PeerID) -> Set<PeerID> { behind[service] ?? [] }

    /// The services with an endpoint that is this.
    func services(before member: PeerID) -> Set<PeerID> { before[member] ?? [] }

    var all: some Collection<PeerID> { behind.keys }
}
