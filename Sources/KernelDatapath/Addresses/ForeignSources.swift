import CSluice

/// Packets whose source was no address of their pod's own, since the maps were made (enum sluice_foreign_source).
public struct ForeignSources: Hashable, Sendable {
    public var refused: UInt64 = 0
    /// Passed on to policy, as the guard of sources is in audit mode.
    public var audited: UInt64 = 0
    /// Dropped silently, as the pod's addresses were not known yet.
    public var held: UInt64 = 0

    public init() {}
}

/// The map `foreign_sources`, where the programs count them.
public final class ForeignSourceCounters: Sendable {
    private let map: PerCPUMap<UInt64>

    public init(pins: Pins = Pins()) throws(KernelError) {
        map = try PerCPUMap(.foreignSources, pins: pins, readOnly: true)
    }

    public func read() throws(KernelError) -> ForeignSources {
        var sources = ForeignSources()
        sources.refused = try map.total(SLUICE_FOREIGN_REFUSED.rawValue)
        sources.audited = try map.total(SLUICE_FOREIGN_AUDITED.rawValue)
        sources.held = try map.total(SLUICE_FOREIGN_HELD.rawValue)
        return sources
    }
}
