/// Events that wait to be written: at most one entry for each Event, and a
/// bounded number of them.
package struct EventQueue: Sendable {
    private let limit: Int
    private var writes: [String: EventWrite] = [:]
    /// Names in order of arrival.
    private var order: [String] = []
    /// How many left unwritten.
    package private(set) var dropped = 0

    package init(limit: Int = 256) { self.limit = limit }

    package var count: Int { order.count }

    /// Adds a write; one that waits for the same Event is replaced and keeps its
    /// place. Above the limit the oldest is dropped.
    package mutating func add(_ write: EventWrite) {
        let key = key(write)
        if let waiting = writes[key] {
            writes[key] = EventWrite(write.event, isNew: waiting.isNew || write.isNew)
            return
        }
        writes[key] = write
        order.append(key)
        if order.count > limit {
            writes[order.removeFirst()] = nil
            dropped += 1
        }
    }

    package mutating func next() -> EventWrite? {
        order.isEmpty ? nil : writes.removeValue(forKey: order.removeFirst())
    }

    /// Puts a write back that could not be done, before all others.
    package mutating func putBack(_ write: EventWrite) {
        let key = key(write)
        if let newer = writes[key] {
            writes[key] = EventWrite(newer.event, isNew: newer.isNew || write.isNew)
        } else if order.count < limit {
            writes[key] = write
            order.insert(key, at: 0)
        } else {
            dropped += 1
        }
    }

    package mutating func drop() { dropped += 1 }

    private func key(_ write: EventWrite) -> String {
        "\(write.event.metadata.namespace)/\(write.event.metadata.name)"
    }
}
