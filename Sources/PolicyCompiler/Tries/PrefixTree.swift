/// Values at prefixes, in a binary tree whose ways without a branch are one step.
///
/// Finding the prefixes around a key, or those below it, costs what the depth of
/// the tree and the answer cost, however many prefixes there are.
struct PrefixTree<Key: PrefixKey & Sendable, Value: Sendable>: Sendable {
    /// Where a node lies, and what is below it. Apart from the values, so that
    /// walking past a node does not count references.
    private struct Node: Sendable {
        /// The key here; where only a branch is, any that lay below it.
        var key: Key
        /// How many of the key's bits lead here.
        var length: Int
        var zero: Int32 = -1
        var one: Int32 = -1

        subscript(bit: Bool) -> Int32 {
            get { bit ? one : zero }
            set { if bit { one = newValue } else { zero = newValue } }
        }
        var children: Int { (zero >= 0 ? 1 : 0) + (one >= 0 ? 1 : 0) }

        func covers(_ other: Key) -> Bool { length <= other.length && key.commonLength(with: other) >= length }
    }

    private var nodes: [Node] = []
    /// By the node's index; nil where only a branch is.
    private var values: [Value?] = []
    private var free: [Int] = []
    private var root: Int32 = -1

    // MARK: Looking

    /// Visits the prefixes that cover a key and have a value, itself included,
    /// the shortest first.
    func visitPath(to key: Key, _ visit: (Key, Value) -> Void) {
        var next = root
        while next >= 0 {
            let node = nodes[Int(next)]
            guard node.covers(key) else { return }
            if let value = values[Int(next)] { visit(node.key, value) }
            guard node.length < key.length else { return }
            next = node[key.bit(node.length)]
        }
    }

    /// Visits the prefixes at or below a key that have a value, parents first and
    /// otherwise in the order of their bits.
    ///
    /// - Parameter visit: gets what its nearest parent handed down, and gives
    ///   what it hands down itself.
    func walk<Inherited>(
        below key: Key, inheriting above: Inherited, _ visit: (Key, Value, Inherited) -> Inherited
    ) {
        var next = root
        while next >= 0, nodes[Int(next)].length < key.length {
            let node = nodes[Int(next)]
            guard node.covers(key) else { return }
            next = node[key.bit(node.length)]
        }
        guard next >= 0, key.covers(nodes[Int(next)].key) else { return }
        var pending: [(Int, Inherited)] = [(Int(next), above)]
        while let (index, inherited) = pending.popLast() {
            let node = nodes[index]
            let handed = values[index].map { visit(node.key, $0, inherited) } ?? inherited
            if node.one >= 0 { pending.append((Int(node.one), handed)) }
            if node.zero >= 0 { pending.append((Int(node.zero), handed)) }
        }
    }

    // MARK: Changing

    /// Changes the value at a key, nil for none.
    mutating func update<Result>(_ key: Key, _ body: (inout Value?) -> Result) -> Result {
        var path: [Int] = []
        var next = root
        while next >= 0, nodes[Int(next)].covers(key) {
            let index = Int(next)
            path.append(index)
            if nodes[index].length == key.length {
                // It may have been only a branch.
                nodes[index].key = key
                let result = body(&values[index])
                if values[index] == nil { prune(path) }
                return result
            }
            next = nodes[index][key.bit(nodes[index].length)]
        }
        var value: Value?
        let result = body(&value)
        if let value { insert(key, value, after: path, before: next) }
        return result
    }

    /// - Parameters:
    ///   - path: the nodes that cover the key.
    ///   - sibling: the node in its place, which does not cover it; -1 for none.
    private mutating func insert(_ key: Key, _ value: Value, after path: [Int], before sibling: Int32) {
        var new = Node(key: key, length: key.length)
        guard sibling >= 0 else { return link(add(new, value), at: key, after: path) }
        let other = nodes[Int(sibling)].key
        let common = key.commonLength(with: other)
        if common == key.length {
            new[other.bit(common)] = sibling
            link(add(new, value), at: key, after: path)
        } else {
            var branch = Node(key: key, length: common)
            branch[other.bit(common)] = sibling
            branch[key.bit(common)] = add(new, value)
            link(add(branch, nil), at: key, after: path)
        }
    }

    /// Takes away a node that holds nothing, and the branch above it that no
    /// longer is one. Branches may go on bearing the key of one that is gone:
    /// the bits that lead to them are the same in all.
    private mutating func prune(_ path: [Int]) {
        let index = path[path.count - 1]
        let node = nodes[index]
        guard node.children < 2 else { return }
        let above = Array(path.dropLast())
        link(max(node.zero, node.one), at: node.key, after: above)
        free.append(index)
        if node.children == 0, let parent = above.last, values[parent] == nil { prune(above) }
    }

    private mutating func link(_ index: Int32, at key: Key, after path: [Int]) {
        guard let parent = path.last else { return root = index }
        nodes[parent][key.bit(nodes[parent].length)] = index
    }

    private mutating func add(_ node: Node, _ value: Value?) -> Int32 {
        if let index = free.popLast() {
            nodes[index] = node
            values[index] = value
            return Int32(index)
        }
        nodes.append(node)
        values.append(value)
        return Int32(nodes.count - 1)
    }
}
