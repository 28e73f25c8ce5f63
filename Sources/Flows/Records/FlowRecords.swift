public import PolicyModel

/// Flows added up, within a bound.
public struct FlowRecords: Sendable {
    /// More records than this are never kept.
    public let limit: Int
    private var sightings: [FlowRecord.Key: FlowRecord.Sightings] = [:]
    /// How many records had to make room.
    public private(set) var forgotten: UInt64

    public init(limit: Int, forgotten: UInt64 = 0) {
        self.limit = max(1, limit)
        self.forgotten = forgotten
    }

    public var count: Int { sightings.count }

    /// In no order.
    public var unsorted: [FlowRecord] { sightings.map { FlowRecord($0.key, $0.value) } }

    /// The services and namespaces that records speak of.
    public var mentioned: (services: Set<NamespacedName>, namespaces: Set<String>) {
        var (services, namespaces): (Set<NamespacedName>, Set<String>) = ([], [])
        for key in sightings.keys {
            namespaces.insert(key.source.namespace)
            switch key.target {
            case .pods(let party, _): namespaces.insert(party.namespace)
            case .service(let key): services.insert(key)
            case .node, .metadata, .domains, .external: break
            }
        }
        return (services, namespaces)
    }

    /// - Returns: whether the flow is one that is recorded.
    @discardableResult
    public mutating func add(_ flow: Flow) -> Bool {
        guard let record = FlowRecord(flow) else { return false }
        merge(record)
        return true
    }

    public mutating func merge(_ record: FlowRecord) {
        if sightings[record.key]?.merge(record.seen) != nil { return }
        if sightings.count >= limit { makeRoom() }
        sightings[record.key] = record.seen
    }

    public mutating func countForgotten(_ count: UInt64) { forgotten = forgotten.addingClamped(count) }

    /// Forgets the records seen least recently, some at a time, of sources that
    /// have at least their share of the room: one pod that tries every port does
    /// not push out what is known of the others.
    private mutating func makeRoom() {
        let perSource = Dictionary(
            grouping: sightings.lazy.map { (key: $0.key, last: $0.value.last) }, by: \.key.source)
        let share = sightings.count / perSource.count
        let candidates = perSource.values.filter { $0.count >= share }.joined().sorted { $0.last < $1.last }
        let number = min(limit / 20 + 1, max(1, candidates.count / 2))
        for candidate in candidates.prefix(number) { sightings[candidate.key] = nil }
        countForgotten(UInt64(number))
    }
}
