package import CSluice

/// Packets and bytes by what became of them, as `counters` has them.
public struct FlowCounters: Hashable, Sendable, Codable {
    public struct Count: Hashable, Sendable, Codable {
        public var packets: UInt64 = 0
        public var bytes: UInt64 = 0
        /// Judged for the first time: connections, datagram sockets' destinations in
        /// turn, refused calls.
        public var flows: UInt64 = 0

        public init(packets: UInt64 = 0, bytes: UInt64 = 0, flows: UInt64 = 0) {
            self.packets = packets
            self.bytes = bytes
            self.flows = flows
        }
    }

    public var denied = Count()
    public var allowed = Count()
    public var audit = Count()
    public var held = Count()

    public init() {}

    public static func + (left: Self, right: Self) -> Self {
        func sum(_ part: KeyPath<Self, Count>) -> Count {
            Count(
                packets: left[keyPath: part].packets &+ right[keyPath: part].packets,
                bytes: left[keyPath: part].bytes &+ right[keyPath: part].bytes,
                flows: left[keyPath: part].flows &+ right[keyPath: part].flows)
        }
        var total = FlowCounters()
        total.denied = sum(\.denied)
        total.allowed = sum(\.allowed)
        total.audit = sum(\.audit)
        total.held = sum(\.held)
        return total
    }
}

extension FlowCounters {
    /// One CPU's sluice_counters, indexed by enum sluice_verdict_kind.
    package init(_ raw: sluice_counters) {
        func count(_ raw: sluice_count) -> Count { Count(packets: raw.packets, bytes: raw.bytes, flows: raw.flows) }
        self.init()
        denied = count(raw.verdict.0)
        allowed = count(raw.verdict.1)
        audit = count(raw.verdict.2)
        held = count(raw.verdict.3)
    }

    /// The sum of all CPUs' values.
    package init(summing perCPU: [sluice_counters]) {
        self = perCPU.reduce(FlowCounters()) { $0 + FlowCounters($1) }
    }
}
