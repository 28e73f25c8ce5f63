/// A key of a longest-prefix map: some leading bits.
protocol PrefixKey: Hashable, Comparable {
    var length: Int { get }
    /// The key of the first `length` bits; `length` is at most this key's own.
    func truncated(to length: Int) -> Self
}

extension PrefixKey {
    /// Whether every key that starts with `other` starts with this one.
    func covers(_ other: Self) -> Bool {
        length <= other.length && other.truncated(to: length) == self
    }
}

/// The one overlay algorithm.
///
/// A longest-prefix map returns the longest match alone, so an entry must say
/// everything that the shorter ones would have added. Members are added and
/// removed at prefixes; what holds at a prefix is what its ancestors hold, with
/// its own removals and additions applied. An entry is wanted exactly where that
/// set means something else than the parent's.
struct Overlay<Key: PrefixKey & Sendable, Member: Hashable & Comparable & Sendable>: Sendable {
    /// What one prefix changes of the inherited set. Additions are counted: two
    /// pods may hold one address for a while.
    private struct Contribution: Sendable {
        var added: [(member: Member, count: Int)] = []
        var removed: [(member: Member, count: Int)] = []

        var isEmpty: Bool { added.isEmpty && removed.isEmpty }

        func applied(to inherited: [Member]) -> [Member] {
            var members = inherited
            for (member, _) in removed { members.removeAll { $0 == member } }
            for (member, _) in added where !members.contains(member) { members.append(member) }
            return members.sorted()
        }

        static func change(_ list: inout [(member: Member, count: Int)], _ member: Member, by count: Int) {
            if let index = list.firstIndex(where: { $0.member == member }) {
                list[index].count += count
                if list[index].count == 0 { list.remove(at: index) }
            } else if count > 0 {
                list.append((member, count))
            }
        }
    }

    private var contributions: [Key: Contribution] = [:]
    /// How many prefixes there are of each length, and the lengths in use.
    private var lengthCounts: [Int: Int] = [:]
    private var lengths: [Int] = []

    /// Adds the member at the prefix, or with a negative count takes it back.
    mutating func add(_ member: Member, at key: Key, count: Int = 1) {
        change(key) { Contribution.change(&$0.added, member, by: count) }
    }

    /// Removes an inherited member at the prefix, or takes the removal back.
    mutating func carve(_ member: Member, at key: Key, count: Int = 1) {
        change(key) { Contribution.change(&$0.removed, member, by: count) }
    }

    private mutating func change(_ key: Key, _ body: (inout Contribution) -> Void) {
        let existed = contributions[key] != nil
        body(&contributions[key, default: Contribution()])
        if contributions[key]?.isEmpty == true { contributions[key] = nil }
        let exists = contributions[key] != nil
        guard existed != exists else { return }
        let count = lengthCounts[key.length, default: 0] + (exists ? 1 : -1)
        lengthCounts[key.length] = count == 0 ? nil : count
        if count == 0 || (count == 1 && exists) { lengths = lengthCounts.keys.sorted() }
    }

    /// Whether the prefix itself adds or removes anything.
    func mentions(_ key: Key) -> Bool { contributions[key] != nil }

    /// The set that holds at a key, whether or not the key has an entry.
    func members(at key: Key) -> [Member] {
        members(at: key, through: key.length)
    }

    private func members(at key: Key, through limit: Int) -> [Member] {
        var members: [Member] = []
        for length in lengths {
            if length > limit { break }
            if let contribution = contributions[key.truncated(to: length)] {
                members = contribution.applied(to: members)
            }
        }
        return members
    }

    /// Walks every prefix at or below the roots that changes anything.
    ///
    /// - Parameters:
    ///   - roots: prefixes of which none covers another.
    ///   - visit: gets each prefix, the set its parent hands down and the set that
    ///     holds at it; parents come before children.
    func walk(
        from roots: [Key], maximumLength: Int, _ visit: (Key, _ inherited: [Member], _ own: [Member]) -> Void
    ) {
        let below = contributors(below: roots.filter { $0.length < maximumLength })
        for root in roots {
            let keys = root.length == maximumLength ? [root] : below[root] ?? []
            walk(keys.filter { mentions($0) }, under: members(at: root, through: root.length - 1), visit)
        }
    }

    /// The prefixes that change anything, by the root that covers them. All of them
    /// are looked at once, however many roots there are.
    private func contributors(below roots: [Key]) -> [Key: [Key]] {
        var below: [Key: [Key]] = [:]
        if roots.isEmpty { return below }
        let known = Set(roots)
        let rootLengths = Set(roots.map(\.length)).sorted()
        for key in contributions.keys {
            for length in rootLengths where length <= key.length && known.contains(key.truncated(to: length)) {
                below[key.truncated(to: length), default: []].append(key)
            }
        }
        return below
    }

    private func walk(
        _ keys: [Key], under above: [Member], _ visit: (Key, _ inherited: [Member], _ own: [Member]) -> Void
    ) {
        var stack: [(key: Key, members: [Member])] = []
        for key in keys.sorted() {
            while let last = stack.last, !last.key.covers(key) { stack.removeLast() }
            let inherited = stack.last?.members ?? above
            let own = contributions[key]?.applied(to: inherited) ?? inherited
            visit(key, inherited, own)
            stack.append((key, own))
        }
    }
}
