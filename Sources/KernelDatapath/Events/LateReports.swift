import CSluice
import VerdictTables

/// Tells of packets that were counted since a flow's last report, once it has
/// gone quiet: the programs themselves tell only when the next packet comes.
struct LateReports: ~Copyable, Sendable {
    /// How often to look, in nanoseconds.
    private static let interval: UInt64 = 1_000_000_000

    private let recent: BPFMap<DedupCodec>
    private let config: BPFMap<ConfigCodec>
    private var lookedAt: UInt64 = 0

    init(pins: Pins) throws(KernelError) {
        let recent = try BPFMap<DedupCodec>(pins: pins, readOnly: false)
        let config = try BPFMap<ConfigCodec>(pins: pins, readOnly: true)
        self.recent = recent
        self.config = config
    }

    /// What is due at `now`, by the programs' clock; nothing if the last look was
    /// less than a second ago. A packet that comes meanwhile may be left out of
    /// the counts.
    mutating func drain(at now: UInt64) throws(KernelError) -> [FlowEvent] {
        guard now &- lookedAt >= Self.interval else { return [] }
        lookedAt = now
        return try drain(
            at: now, quietFor: config.lookup(0)?.settings.reporting.repeatWindow ?? Self.interval)
    }

    /// Whatever was counted and not yet told.
    func drainAll(at now: UInt64) throws(KernelError) -> [FlowEvent] { try drain(at: now, quietFor: 0) }

    private func drain(at now: UInt64, quietFor window: UInt64) throws(KernelError) -> [FlowEvent] {
        var due: [(key: RecentFlow, event: FlowEvent)] = []
        try recent.forEachRaw { key, value in
            guard value.suppressed > 0, now > value.reported_ns, now - value.reported_ns >= window,
                let event = FlowEvent(key, value, at: now)
            else { return }
            due.append((RecentFlow(raw: key), event))
        }
        for (key, _) in due { try recent.remove(key) }
        return due.map(\.event)
    }
}
