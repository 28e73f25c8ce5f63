package import CSluice

/// A key of `queries`.
package struct QueryKey: Hashable, Sendable {
    /// The cookie of the socket that asked.
    package var socket: UInt64
    package var id: UInt16

    package init(socket: UInt64, id: UInt16) {
        self.socket = socket
        self.id = id
    }
}

/// `queries`: sluice_query_key -> sluice_query.
package enum QueryCodec: MapCodec {
    package static let map = DatapathMap.dnsQueries

    package static func encode(key: QueryKey) -> sluice_query_key {
        var raw = sluice_query_key()
        raw.socket = key.socket
        raw.id = key.id.bigEndian
        return raw
    }

    package static func decode(key raw: sluice_query_key) -> QueryKey? {
        QueryKey(socket: raw.socket, id: UInt16(bigEndian: raw.id))
    }

    package static func encode(value: sluice_query) -> sluice_query { value }
    package static func decode(value raw: sluice_query) -> sluice_query? { raw }
}

/// What this node's pods asked their resolvers: the map `queries`.
public final class AskedQuestions: Sendable {
    /// QUERY_WINDOW_NS of bpf/src/dns_answer.h.
    private static let window: UInt64 = 30_000_000_000

    private let queries: BPFMap<QueryCodec>

    public init(pins: Pins = Pins()) throws(KernelError) { queries = try BPFMap(pins: pins, readOnly: false) }

    /// Whether the socket asked that, and has had no answer yet; an answer is taken once.
    ///
    /// - Parameters:
    ///   - name: in lower case, without a final dot.
    ///   - type: as the question has it; its class is IN.
    ///   - time: of the answer, by the clock of `KernelClock.now()`.
    public func consume(
        id: UInt16, name: String, type: UInt16, of socket: UInt64, at time: UInt64
    ) throws(KernelError) -> Bool {
        let key = QueryKey(socket: socket, id: id)
        guard let query = try queries.lookup(key), query.question == NameBytes.hash(name, type: type),
            time < query.asked_ns + Self.window
        else { return false }
        return try queries.remove(key)
    }
}
