public import PolicyModel
import VerdictTables

/// What is too big for one go: the blocks of new sets, which come in a part at a time
/// while their pods keep the sets that they have, and blocks that go so.
struct Construction: Sendable {
    /// Sets that are not complete: what is still to come, outer blocks first, so that
    /// none is brought in around many that are there.
    private(set) var sites: [PolicySetID: ArraySlice<IPBlock>] = [:]
    private var order: [PolicySetID] = []
    /// The pods that will have those sets.
    var waiting: [NamespacedName: PolicySetID] = [:]
    /// What is to go, inner blocks last.
    private var rubble: [IPBlock] = []

    var isEmpty: Bool { order.isEmpty && rubble.isEmpty }

    mutating func begin(_ id: PolicySetID, _ blocks: [IPBlock]) {
        sites[id] = blocks.sorted { $0.prefix < $1.prefix }[...]
        order.append(id)
    }

    /// - Returns: the set that is worked on, and what comes in next; nothing if it is complete.
    mutating func nextPart(_ size: Int) -> (id: PolicySetID, part: ArraySlice<IPBlock>)? {
        guard let id = order.first, let blocks = sites[id] else { return nil }
        sites[id] = blocks.dropFirst(size)
        return (id, blocks.prefix(size))
    }

    mutating func end(_ id: PolicySetID) {
        sites[id] = nil
        order.removeAll { $0 == id }
    }

    /// Nothing more of it comes in, as nobody wants it.
    mutating func halt(_ id: PolicySetID) { order.removeAll { $0 == id } }

    /// - Returns: whether it was halted and goes on.
    mutating func resume(_ id: PolicySetID) -> Bool {
        guard sites[id] != nil, !order.contains(id) else { return false }
        order.append(id)
        return true
    }

    /// The sets that no pod waits for any more.
    var abandoned: [PolicySetID] {
        if order.isEmpty { return [] }
        let wanted = Set(waiting.values)
        return order.filter { !wanted.contains($0) }
    }

    /// The blocks of a set that have come in; what has not never will.
    mutating func blocksIn(_ id: PolicySetID, of set: CompiledSet) -> [IPBlock] {
        guard let missing = sites[id] else { return set.blocks }
        end(id)
        return Array(set.blocks.sorted { $0.prefix < $1.prefix }.dropLast(missing.count))
    }

    mutating func discard(_ blocks: [IPBlock]) { rubble += blocks.sorted { $0.prefix < $1.prefix } }

    mutating func nextRubble(_ size: Int) -> ArraySlice<IPBlock> {
        let part = rubble.suffix(size)
        rubble.removeLast(part.count)
        return part
    }
}

extension PolicyCompiler {
    /// - Returns: the set under construction that a key stands for, begun if need be; nil
    ///   if it is complete, or small enough to be made at once.
    mutating func siteOfConstruction(_ key: PolicySetKey) -> PolicySetID? {
        guard let partSize, !key.isGuardsOnly else { return nil }
        let id = sets.id(of: key, hash: hash(of: key))
        if compiled[id] != nil {
            guard construction.sites[id] != nil else { return nil }
            if construction.resume(id) { _ = sets.retain(id) }
            return id
        }
        guard blockCount(key) > partSize else { return nil }
        // A use of its own, until it is complete or nobody wants it any more.
        _ = sets.retain(id)
        construction.begin(id, bringIn(id, key))
        return id
    }

    /// - Returns: the use of a set that was complete.
    mutating func proceedWithConstruction() -> [PolicySetID] {
        let size = partSize ?? .max
        guard let (id, part) = construction.nextPart(size) else {
            for block in construction.nextRubble(size).reversed() { remove(block) }
            return []
        }
        for block in part { add(block) }
        guard construction.sites[id]?.isEmpty == true else { return [] }
        construction.end(id)
        for (subject, site) in construction.waiting where site == id { staleSubjects.insert(subject) }
        return [id]
    }

    /// - Returns: the uses of sets that nobody waits for any more.
    mutating func abandonConstruction() -> [PolicySetID] {
        let abandoned = construction.abandoned
        // What has not come in by now must not: `releaseSet` removes the rest.
        for id in abandoned { construction.halt(id) }
        return abandoned
    }

    mutating func remove(_ blocks: [IPBlock]) {
        if let partSize, blocks.count > partSize {
            construction.discard(blocks)
        } else {
            for block in blocks { remove(block) }
        }
    }

    /// The policies whose blocks are being brought in, with how many they have.
    public var policiesUnderWay: [(policies: [ObjectReference], blocks: Int)] {
        construction.sites.keys.sorted().compactMap { id in
            guard let set = compiled[id] else { return nil }
            let biggest = set.key.references.filter {
                appraisals[PolicySide($0, set.key.direction)]?.size.blocks ?? 0 > (partSize ?? .max)
            }
            return (biggest.isEmpty ? set.key.references : biggest, set.blocks.count)
        }
    }
}
