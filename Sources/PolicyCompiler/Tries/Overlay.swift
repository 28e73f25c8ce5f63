/// A key of a longest-prefix map: some leading bits.
protocol PrefixKey: Hashable {
    var length: Int { get }
    /// Bit `index`, counted from the leading one (0).
    func bit(_ index: Int) -> Bool
    /// How many leading bits both keys share, at most the shorter one's length.
    func commonLength(with other: Self) -> Int
}

extension PrefixKey {
    /// Whether every key that starts with `other` starts with this one.
    func covers(_ other: Self) -> Bool {
        length <= other.length && commonLength(with: other) == length
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
    private var tree = PrefixTree<Key, Contribution<Member>>()

    /// Adds the member at the prefix, or with a negative count takes it back.
    ///
    /// - Returns: whether the prefix now says something else than before.
    @discardableResult
    mutating func add(_ member: Member, at key: Key, count: Int = 1) -> Bool {
        change(key) { Contribution.change(&$0.added, member, by: count) }
    }

    /// Removes an inherited member at the prefix, or takes the removal back.
    ///
    /// - Returns: whether the prefix now says something else than before.
    @discardableResult
    mutating func carve(_ member: Member, at key: Key, count: Int = 1) -> Bool {
        change(key) { Contribution.change(&$0.removed, member, by: count) }
    }

    private mutating func change(_ key: Key, _ body: (inout Contribution<Member>) -> Bool) -> Bool {
        tree.update(key) { contribution in
            var changed = contribution ?? Contribution()
            let differs = body(&changed)
            contribution = changed.isEmpty ? nil : changed
            return differs
        }
    }

    /// Whether the prefix itself adds or removes anything.
    func mentions(_ key: Key) -> Bool {
        var last: Key?
        tree.visitPath(to: key) { key, _ in last = key }
        return last == key
    }

    /// The set that holds at a key, whether or not the key has an entry.
    func members(at key: Key) -> [Member] {
        var members: [Member] = []
        tree.visitPath(to: key) { members = $1.applied(to: members) }
        return members
    }

    /// Walks every prefix at or below `root` that changes anything.
    ///
    /// - Parameter visit: gets each prefix, the set its parent hands down and
    ///   the set that holds at it; parents come before children.
    func walk(from root: Key, _ visit: (Key, _ inherited: [Member], _ own: [Member]) -> Void) {
        var above: [Member] = []
        tree.visitPath(to: root) { if $0 != root { above = $1.applied(to: above) } }
        tree.walk(below: root, inheriting: above) { key, contribution, inherited in
            let own = contribution.applied(to: inherited)
            visit(key, inherited, own)
            return own
        }
    }
}

/// What one prefix changes of the inherited set. Additions are counted: two
/// pods may hold one address for a while.
private struct Contribution<Member: Comparable & Sendable>: Sendable {
    var added: [(member: Member, count: Int)] = []
    var removed: [(member: Member, count: Int)] = []

    var isEmpty: Bool { added.isEmpty && removed.isEmpty }

    func applied(to inherited: [Member]) -> [Member] {
        if inherited.isEmpty && added.count == 1 { return [added[0].member] }
        var members = inherited
        for (member, _) in removed { members.removeAll { $0 == member } }
        for (member, _) in added where !members.contains(member) { members.append(member) }
        return members.sorted()
    }

    /// - Returns: whether the list now has a member more or less.
    static func change(_ list: inout [(member: Member, count: Int)], _ member: Member, by count: Int) -> Bool {
        if let index = list.firstIndex(where: { $0.member == member }) {
            list[index].count += count
            if list[index].count > 0 { return false }
            list.remove(at: index)
            return true
        }
        guard count > 0 else { return false }
        list.append((member, count))
        return true
    }
}
