/// Events that wait to be written: at most one entry for each Event, and a
/// bounded number of them. Namespaces take turns.
package struct EventQueue: Sendable {
    private let limit: Int
    private var writes: [String: EventWrite] = [:]
    /// Names in order of arrival, by namespace; none is empty.
    private var lines: [String: [String]] = [:]
    /// The namespaces of these; the first is the next.
    private var turns: [String] = []
    /// How many left unwritten.
    package private(set) var dropped = 0

    package init(limit: Int = 256) { self.limit = limit }

    package var count: Int { writes.count }

    /// Adds a write; one that waits for the same Event is replaced and keeps its
    /// place. Above the limit the oldest of the namespace that has most is dropped.
    package mutating func add(_ write: EventWrite) {
        let key = key(write)
        if let waiting = writes[key] {
            writes[key] = EventWrite(write.event, isNew: waiting.isNew || write.isNew)
            return
        }
        writes[key] = write
        let namespace = write.event.metadata.namespace
        if lines[namespace] == nil { turns.append(namespace) }
        lines[namespace, default: []].append(key)
        if writes.count > limit, let longest = lines.max(by: { $0.value.count < $1.value.count })?.key {
            _ = popFirst(of: longest)
            dropped += 1
        }
    }

    package mutating func next() -> EventWrite? {
        guard let namespace = turns.first else { return nil }
        let write = popFirst(of: namespace)
        if turns.first == namespace { turns.append(turns.removeFirst()) }
        return write
    }

    /// Puts a write back that could not be done, before all others.
    package mutating func putBack(_ write: EventWrite) {
        let key = key(write)
        if let newer = writes[key] {
            writes[key] = EventWrite(newer.event, isNew: newer.isNew || write.isNew)
        } else if writes.count < limit {
            let namespace = write.event.metadata.namespace
            writes[key] = write
            lines[namespace, default: []].insert(key, at: 0)
            turns.removeAll { $0 == namespace }
            turns.insert(namespace, at: 0)
        } else {
            dropped += 1
        }
    }

    package mutating func drop() { dropped += 1 }

    private mutating func popFirst(of namespace: String) -> EventWrite? {
        guard let key = lines[namespace]?.removeFirst() else { return nil }
        if lines[namespace]?.isEmpty == true {
            lines[namespace] = nil
            turns.removeAll { $0 == namespace }
        }
        return writes.removeValue(forKey: key)
    }

    private func key(_ write: EventWrite) -> String {
        "\(write.event.metadata.namespace)/\(write.event.metadata.name)"
    }
}
