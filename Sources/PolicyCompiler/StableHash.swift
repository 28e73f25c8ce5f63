import VerdictTables

/// A hash that is the same in every process, for identifiers that live in
/// pinned maps: FNV-1a over the parts, each led by its length, then mixed.
struct StableHash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ number: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            step(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        for byte in text.utf8 { step(byte) }
    }

    private mutating func step(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    /// Spreads what the last bytes did over all bits.
    var value: UInt64 { StableHash.mix(state) }

    static func mix(_ number: UInt64) -> UInt64 {
        var mixed = number
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Gives contents identifiers derived from their hash and keeps count of their
/// uses. Two contents never share an identifier: one that finds its own taken
/// gets another, so a forged collision gains nothing.
struct Interner<ID: TableIdentifier, Content: Hashable & Sendable>: Sendable {
    private struct Entry {
        var content: Content
        var uses: Int
    }

    private var entries: [ID: Entry] = [:]

    /// Identifiers below this are the layout's own constants.
    private let reserved: UInt64 = 16

    subscript(id: ID) -> Content? { entries[id]?.content }
    var ids: some Collection<ID> { entries.keys }
    var count: Int { entries.count }

    /// The identifier of the content, new or known; its uses stay as they are.
    mutating func id(of content: Content, hash: UInt64) -> ID {
        var candidate = ID(rawValue: max(hash, reserved))
        while let entry = entries[candidate] {
            if entry.content == content { return candidate }
            candidate = ID(rawValue: max(StableHash.mix(candidate.rawValue &+ 1), reserved))
        }
        entries[candidate] = Entry(content: content, uses: 0)
        return candidate
    }

    /// - Returns: whether this is the first use.
    mutating func retain(_ id: ID) -> Bool {
        entries[id]?.uses += 1
        return entries[id]?.uses == 1
    }

    /// - Returns: whether this was the last use; the content is then forgotten.
    mutating func release(_ id: ID) -> Bool {
        guard let uses = entries[id]?.uses else { return false }
        if uses <= 1 {
            entries[id] = nil
            return true
        }
        entries[id]?.uses = uses - 1
        return false
    }
}
