import VerdictTables

/// Prefixes and what is said at them, as a longest-prefix map of classes: a class is a
/// set of members, and what has the same ones has the same class.
struct ClassTable<Key: PrefixKey & Comparable & Sendable, Member: TableIdentifier, Class: TableIdentifier>: Sendable {
    private var overlay = Overlay<Key, Member>()
    private var interner = Interner<Class, [Member]>()
    private var classesHaving: [Member: Set<Class>] = [:]
    private(set) var entries: [Key: Class] = [:]
    /// Prefixes to walk again, with all below them.
    private var dirty: Set<Key> = []
    private let empty: Class

    /// - Parameter empty: the class of nothing, for holes in what lies around them.
    init(empty: Class) { self.empty = empty }

    func members(of id: Class) -> [Member] { interner[id] ?? [] }

    func members(at key: Key) -> [Member] { overlay.members(at: key) }

    var classes: some Collection<Class> { interner.ids }

    func classes(having member: Member) -> Set<Class> { classesHaving[member] ?? [] }

    /// Adds the member at the prefix, or with a negative count takes it back.
    mutating func add(_ member: Member, at key: Key, count: Int) {
        if overlay.add(member, at: key, count: count) { dirty.insert(key) }
    }

    /// Takes the member out at the prefix, or takes the hole back.
    mutating func carve(_ member: Member, at key: Key, count: Int) {
        // A hole that is taken back is no longer below the prefix to be found
        // there, and its entry would stay.
        if overlay.carve(member, at: key, count: count) { dirty.insert(key) }
    }

    struct Changes {
        var entries: [Key: Class?] = [:]
        var newClasses: Set<Class> = []
        var goneClasses: Set<Class> = []
    }

    /// - Returns: what the changes since the last call mean for the map.
    mutating func flush() -> Changes {
        var changes = Changes()
        var updates: [(Key, [Member]?)] = []
        var root: Key?
        for key in dirty.sorted() {
            // A prefix that nothing is said about any more has no entry.
            if !overlay.mentions(key) { updates.append((key, nil)) }
            // One under another dirty prefix is walked with that.
            if let root, root.covers(key) { continue }
            root = key
            overlay.walk(from: key) { key, inherited, own in
                updates.append((key, inherited == own ? nil : own))
            }
        }
        dirty = []
        for (key, members) in updates {
            let old = entries[key]
            let new = members.map { members in
                members.isEmpty ? empty : interner.id(of: members, hash: Self.hash(members))
            }
            guard old != new else { continue }
            entries[key] = new
            changes.entries[key] = .some(new)
            if let new, new != empty, interner.retain(new) {
                for member in members ?? [] { classesHaving[member, default: []].insert(new) }
                changes.newClasses.insert(new)
                changes.goneClasses.remove(new)
            }
            let gone = old.map(members(of:)) ?? []
            if let old, old != empty, interner.release(old) {
                for member in gone { forget(old, having: member) }
                changes.goneClasses.insert(old)
                changes.newClasses.remove(old)
            }
        }
        return changes
    }

    private mutating func forget(_ id: Class, having member: Member) {
        classesHaving[member]?.remove(id)
        if classesHaving[member]?.isEmpty == true { classesHaving[member] = nil }
    }

    private static func hash(_ members: [Member]) -> UInt64 {
        var hash = StableHash()
        for member in members { hash.add(member.rawValue) }
        return hash.value
    }
}
