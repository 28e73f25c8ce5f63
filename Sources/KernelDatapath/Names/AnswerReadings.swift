import CSluice

/// What became of resolvers' answers since the maps were made (enum sluice_reading).
public struct AnswerReadings: Hashable, Sendable, Codable {
    /// Read, and their addresses noted.
    public var read: UInt64 = 0
    /// No socket of a pod had asked that.
    public var unasked: UInt64 = 0
    /// No sound answer to one question.
    public var broken: UInt64 = 0
    /// The resolver wants to be asked by TCP.
    public var truncated: UInt64 = 0
    /// Given to the agent, as they are more than the program reads.
    public var copied: UInt64 = 0
    /// Pieces meant for the agent, which was too slow.
    public var lost: UInt64 = 0
    /// Names that took another's place at its address.
    public var crowded: UInt64 = 0

    public init() {}
}

/// The map `reading`, where the programs count answers.
public final class AnswerCounters: Sendable {
    private let map: PerCPUMap<UInt64>

    public init(pins: Pins = Pins()) throws(KernelError) { map = try PerCPUMap(.dnsStats, pins: pins, readOnly: true) }

    public func read() throws(KernelError) -> AnswerReadings {
        var readings = AnswerReadings()
        readings.read = try map.total(SLUICE_READ.rawValue)
        readings.unasked = try map.total(SLUICE_READ_UNASKED.rawValue)
        readings.broken = try map.total(SLUICE_READ_BROKEN.rawValue)
        readings.truncated = try map.total(SLUICE_READ_TRUNCATED.rawValue)
        readings.copied = try map.total(SLUICE_READ_COPIED.rawValue)
        readings.lost = try map.total(SLUICE_READ_LOST.rawValue)
        readings.crowded = try map.total(SLUICE_READ_CROWDED.rawValue)
        return readings
    }
}
