/// Events that nobody was told of (sluice_drops). Their packets met their verdict
/// like all others.
public struct LostEvents: Hashable, Sendable, Codable {
    /// The ring buffer was full.
    public var full: UInt64
    /// There were more in a second than `NodeSettings.Reporting.eventsPerSecond`.
    public var limited: UInt64

    public init(full: UInt64 = 0, limited: UInt64 = 0) {
        self.full = full
        self.limited = limited
    }

    public var total: UInt64 { full &+ limited }
}
