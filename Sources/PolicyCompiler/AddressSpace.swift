import PolicyModel
import VerdictTables

extension Prefix: PrefixKey {
    func bit(_ index: Int) -> Bool { address.bit(index) }

    func commonLength(with other: Prefix) -> Int {
        min(length, other.length, address.commonPrefixLength(with: other.address))
    }
}

/// Stands for one `Peership` in the address overlay; derived from its content.
struct PeershipID: TableIdentifier {
    var rawValue: UInt64
}

/// Every prefix of the cluster and what it is: the source of the table
/// `addresses`.
struct AddressSpace: Sendable {
    private var overlay = Overlay<Prefix, PeershipID>()
    private var peerships = Interner<PeershipID, Peership>()
    private var classes = Interner<AddressClassID, [PeershipID]>()
    private var classesHaving: [PeershipID: Set<AddressClassID>] = [:]
    private(set) var entries: [Prefix: AddressClassID] = [:]
    /// The pod groups among the peerships in use.
    private(set) var groups = GroupIndex()
    /// Guarded addresses and this node's own.
    private(set) var guarded: Set<PeershipID> = []
    /// Prefixes to walk again, with all below them.
    private var dirty: Set<Prefix> = []

    /// What IPv6's `/0` to `/95` blocks must not hold: the mapped IPv4 addresses.
    private static let mappedIPv4 = Prefix(IPAddress(ipv4: 0), length: 96)

    // MARK: What addresses are

    mutating func id(of peership: Peership) -> PeershipID {
        peerships.id(of: peership, hash: peership.stableHash)
    }

    /// The identifier of a peership that some address is; nil if none is.
    func known(_ peership: Peership) -> PeershipID? {
        peerships.known(peership, hash: peership.stableHash)
    }

    func peership(_ id: PeershipID) -> Peership? { peerships[id] }

    func peerships(of addressClass: AddressClassID) -> [PeershipID] {
        classes[addressClass] ?? []
    }

    var liveClasses: some Collection<AddressClassID> { classes.ids }

    /// The classes whose addresses are this.
    func classes(having id: PeershipID) -> Set<AddressClassID> { classesHaving[id] ?? [] }

    func members(at address: IPAddress) -> [PeershipID] {
        overlay.members(at: Prefix(host: address))
    }

    // MARK: Changes

    mutating func add(_ peership: Peership, at prefix: Prefix, except holes: [Prefix] = []) {
        change(peership, prefix, holes, by: 1)
    }

    mutating func remove(_ peership: Peership, at prefix: Prefix, except holes: [Prefix] = []) {
        change(peership, prefix, holes, by: -1)
    }

    private mutating func change(_ peership: Peership, _ prefix: Prefix, _ holes: [Prefix], by count: Int) {
        let id = id(of: peership)
        if overlay.add(id, at: prefix, count: count) { dirty.insert(prefix) }
        var holes = holes
        if prefix.length < 96 && prefix.covers(Self.mappedIPv4) { holes.append(Self.mappedIPv4) }
        // A hole that is taken back is no longer below the prefix to be found
        // there, and its entry would stay.
        for hole in holes where overlay.carve(id, at: hole, count: count) { dirty.insert(hole) }
        if count > 0 {
            if peerships.retain(id) { index(id, peership) }
        } else if peerships.release(id) {
            unindex(id, peership)
        }
    }

    private mutating func index(_ id: PeershipID, _ peership: Peership) {
        if let group = PodGroup(peership) { groups.insert(id, group) }
        if peership.isSpecial { guarded.insert(id) }
    }

    private mutating func unindex(_ id: PeershipID, _ peership: Peership) {
        if let group = PodGroup(peership) { groups.remove(id, group) }
        guarded.remove(id)
    }

    struct Changes {
        var entries: [Prefix: AddressClassID?] = [:]
        var newClasses: Set<AddressClassID> = []
        var goneClasses: Set<AddressClassID> = []
    }

    /// Works out what the changes since the last call mean for the table.
    mutating func settle() -> Changes {
        var changes = Changes()
        var updates: [(Prefix, [PeershipID]?)] = []
        var root: Prefix?
        for prefix in dirty.sorted() {
            // A prefix that nothing is said about any more has no entry.
            if !overlay.mentions(prefix) { updates.append((prefix, nil)) }
            // One under another dirty prefix is walked with that.
            if let root, root.covers(prefix) { continue }
            root = prefix
            overlay.walk(from: prefix) { prefix, inherited, own in
                updates.append((prefix, inherited == own ? nil : own))
            }
        }
        dirty = []
        for (prefix, members) in updates {
            let old = entries[prefix]
            let new = members.map { members in
                members.isEmpty
                    ? AddressClassID.other : classes.id(of: members, hash: Self.hash(members))
            }
            guard old != new else { continue }
            entries[prefix] = new
            changes.entries[prefix] = .some(new)
            if let new, new != .other, classes.retain(new) {
                for member in members ?? [] { classesHaving[member, default: []].insert(new) }
                changes.newClasses.insert(new)
                changes.goneClasses.remove(new)
            }
            let gone = old.map(peerships(of:)) ?? []
            if let old, old != .other, classes.release(old) {
                for member in gone { forget(old, having: member) }
                changes.goneClasses.insert(old)
                changes.newClasses.remove(old)
            }
        }
        return changes
    }

    private mutating func forget(_ addressClass: AddressClassID, having member: PeershipID) {
        classesHaving[member]?.remove(addressClass)
        if classesHaving[member]?.isEmpty == true { classesHaving[member] = nil }
    }

    private static func hash(_ members: [PeershipID]) -> UInt64 {
        var hash = StableHash()
        for member in members { hash.add(member.rawValue) }
        return hash.value
    }
}

extension Peership {
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
            hash.add(cidr)
            for hole in except { hash.add(hole) }
        case .service(let name, let ipv4):
            hash.add("service")
            hash.add(name)
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
