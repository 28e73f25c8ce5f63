import PolicyModel
import VerdictTables

extension Prefix: PrefixKey {
    func bit(_ index: Int) -> Bool { address.bit(index) }

    func commonLength(with other: Prefix) -> Int {
        min(length, other.length, address.commonPrefixLength(with: other.address))
    }
}

/// Stands for one `PeerIdentity` in the address overlay; derived from its content.
struct PeerID: TableIdentifier {
    var rawValue: UInt64
}

/// Every prefix of the cluster and what it is: the source of the table
/// `addresses`.
struct AddressTable: Sendable {
    private var table = ClassTable<Prefix, PeerID, AddressClassID>(empty: .other)
    private var identities = Interner<PeerID, PeerIdentity>()
    /// The pod groups among the identities in use.
    private(set) var groups = GroupIndex()
    /// Guarded addresses and this node's own.
    private(set) var guarded: Set<PeerID> = []

    typealias Changes = ClassTable<Prefix, PeerID, AddressClassID>.Changes

    /// What IPv6's `/0` to `/95` blocks must not hold: the mapped IPv4 addresses.
    private static let mappedIPv4 = Prefix(IPAddress(ipv4: 0), length: 96)

    // MARK: What addresses are

    mutating func id(of identity: PeerIdentity) -> PeerID {
        identities.id(of: identity, hash: identity.stableHash)
    }

    /// The identifier of an identity that some address is; nil if none is.
    func known(_ identity: PeerIdentity) -> PeerID? {
        identities.known(identity, hash: identity.stableHash)
    }

    func identity(_ id: PeerID) -> PeerIdentity? { identities[id] }

    var entries: [Prefix: AddressClassID] { table.entries }

    func identities(of addressClass: AddressClassID) -> [PeerID] { table.members(of: addressClass) }

    var liveClasses: some Collection<AddressClassID> { table.classes }

    /// The classes whose addresses are this.
    func classes(having id: PeerID) -> Set<AddressClassID> { table.classes(having: id) }

    func members(at address: IPAddress) -> [PeerID] { table.members(at: Prefix(host: address)) }

    // MARK: Changes

    mutating func add(_ identity: PeerIdentity, at prefix: Prefix, except holes: [Prefix] = []) {
        change(identity, prefix, holes, by: 1)
    }

    mutating func remove(_ identity: PeerIdentity, at prefix: Prefix, except holes: [Prefix] = []) {
        change(identity, prefix, holes, by: -1)
    }

    private mutating func change(_ identity: PeerIdentity, _ prefix: Prefix, _ holes: [Prefix], by count: Int) {
        let id = id(of: identity)
        table.add(id, at: prefix, count: count)
        var holes = holes
        if prefix.length < 96 && prefix.covers(Self.mappedIPv4) { holes.append(Self.mappedIPv4) }
        for hole in holes { table.carve(id, at: hole, count: count) }
        if count > 0 {
            if identities.retain(id) { index(id, identity) }
        } else if identities.release(id) {
            unindex(id, identity)
        }
    }

    private mutating func index(_ id: PeerID, _ identity: PeerIdentity) {
        if let group = PodGroup(identity) { groups.insert(id, group) }
        if identity.isSpecial { guarded.insert(id) }
    }

    private mutating func unindex(_ id: PeerID, _ identity: PeerIdentity) {
        if let group = PodGroup(identity) { groups.remove(id, group) }
        guarded.remove(id)
    }

    /// - Returns: what the changes since the last call mean for the table.
    mutating func flush() -> Changes { table.flush() }
}

extension PeerIdentity {
    /// Every set has something to say about these.
    fileprivate var isSpecial: Bool {
        switch self {
        case .guarded, .ownNode: true
        case .pods, .block, .service, .nodes: false
        }
    }

    var stableHash: UInt64 {
        var hash = StableHash()
        switch self {
        case .pods(let namespace, let labels, let ports):
            hash.add("pods")
            hash.add(namespace)
            for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
                hash.add(key)
                hash.add(value)
            }
            hash.add(UInt64(ports.count))
            for port in ports {
                hash.add(port.name)
                hash.add(UInt64(port.protocol.rawValue) << 16 | UInt64(port.number))
            }
        case .block(let cidr, let except):
            hash.add("block")
            hash.add(cidr.description)
            for hole in except { hash.add(hole.description) }
        case .service(let name, let ipv4):
            hash.add("service")
            hash.add(name.description)
            hash.add(ipv4 ? 4 : 6)
        case .nodes(let selector):
            hash.add("nodes")
            hash.add(selector)
        case .guarded(let name):
            hash.add("guarded")
            hash.add(name)
        case .ownNode:
            hash.add("node")
        }
        return hash.value
    }
}
