import PolicyModel
import VerdictTables

extension NamePrefix: PrefixKey {
    func bit(_ index: Int) -> Bool { bytes[index / 8] & (0x80 >> UInt8(index % 8)) != 0 }

    func commonLength(with other: NamePrefix) -> Int {
        let common = min(bytes.count, other.bytes.count)
        guard let place = (0..<common).first(where: { bytes[$0] != other.bytes[$0] }) else { return common * 8 }
        return place * 8 + (bytes[place] ^ other.bytes[place]).leadingZeroBitCount
    }
}

/// Stands for one peer's list of domain names; derived from its content.
struct NamePeerID: TableIdentifier {
    var rawValue: UInt64
}

/// The domain names that rules in force name: the source of the table `names`.
///
/// A name is what the peers are that hold it, so that all names of one peer are one
/// class, however many they are.
struct DomainNameTable: Sendable {
    private var table = ClassTable<NamePrefix, NamePeerID, NameClassID>(empty: NameClassID(rawValue: 0))
    private var peers = Interner<NamePeerID, [DomainPattern]>()

    typealias Changes = ClassTable<NamePrefix, NamePeerID, NameClassID>.Changes

    mutating func id(of peer: [DomainPattern]) -> NamePeerID {
        var hash = StableHash()
        for pattern in peer { hash.add(pattern.description) }
        return peers.id(of: peer, hash: hash.value)
    }

    var entries: [NamePrefix: NameClassID] { table.entries }

    var liveClasses: some Collection<NameClassID> { table.classes }

    func peers(of nameClass: NameClassID) -> [NamePeerID] { table.members(of: nameClass) }

    /// The lists of domain names that a name of the class is in.
    func lists(of nameClass: NameClassID) -> [[DomainPattern]] { peers(of: nameClass).compactMap { peers[$0] } }

    /// The classes whose names are in this list.
    func classes(having id: NamePeerID) -> Set<NameClassID> { table.classes(having: id) }

    mutating func add(_ peer: [DomainPattern]) {
        let id = id(of: peer)
        _ = peers.retain(id)
        for pattern in peer { table.add(id, at: NamePrefix(pattern), count: 1) }
    }

    mutating func remove(_ peer: [DomainPattern]) {
        let id = id(of: peer)
        for pattern in peer { table.add(id, at: NamePrefix(pattern), count: -1) }
        _ = peers.release(id)
    }

    /// - Returns: what the changes since the last call mean for the table.
    mutating func flush() -> Changes { table.flush() }
}
