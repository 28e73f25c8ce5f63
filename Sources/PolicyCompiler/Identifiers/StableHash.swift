import PolicyModel
package import VerdictTables

/// A hash that is the same in every process, for identifiers that live in
/// pinned maps: FNV-1a over the parts, each led by its length, then mixed.
package struct StableHash {
    private var state = FNV1a()

    package init() {}

    package mutating func add(_ number: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            state.add(number >> shift & 0xff)
        }
    }

    package mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        state.add(text.utf8)
    }

    /// Spreads what the last bytes did over all bits.
    package var value: UInt64 { StableHash.mix(state.value) }

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
package struct Interner<ID: TableIdentifier, Content: Hashable & Sendable>: Sendable {
    private struct Entry {
        var content: Content
        var uses: Int
    }

    private var entries: [ID: Entry] = [:]
    /// Contents that found their own identifier taken. They keep the one they
    /// got when the other content goes: who holds it must find it again.
    private var displaced: [Content: ID] = [:]

    package init() {}

    package subscript(id: ID) -> Content? { entries[id]?.content }
    package var ids: some Collection<ID> { entries.keys }
    package var count: Int { entries.count }

    /// The identifier of the content, new or known; its uses stay as they are.
    package mutating func id(of content: Content, hash: UInt64) -> ID {
        if let known = known(content, hash: hash) { return known }
        let own = ID.derived(from: hash)
        var candidate = own
        while entries[candidate] != nil {
            candidate = ID.derived(from: StableHash.mix(candidate.rawValue &+ 1))
        }
        entries[candidate] = Entry(content: content, uses: 0)
        if candidate != own { displaced[content] = candidate }
        return candidate
    }

    /// The content's identifier, if it has one already.
    package func known(_ content: Content, hash: UInt64) -> ID? {
        let own = ID.derived(from: hash)
        if entries[own]?.content == content { return own }
        return displaced.isEmpty ? nil : displaced[content]
    }

    /// - Returns: whether this is the first use.
    package mutating func retain(_ id: ID) -> Bool {
        entries[id]?.uses += 1
        return entries[id]?.uses == 1
    }

    /// - Returns: whether this was the last use; the content is then forgotten.
    package mutating func release(_ id: ID) -> Bool {
        guard let uses = entries[id]?.uses else { return false }
        if uses <= 1 {
            if !displaced.isEmpty, let content = entries[id]?.content { displaced[content] = nil }
            entries[id] = nil
            return true
        }
        entries[id]?.uses = uses - 1
        return false
    }
}
