package import CSluice
public import VerdictTables

/// What `config` holds.
public struct NodeConfig: Hashable, Sendable {
    public var layout: UInt32
    public var generation: UInt32
    public var settings: NodeSettings

    public init(layout: UInt32 = Pins.currentLayout, generation: UInt32, settings: NodeSettings) {
        self.layout = layout
        self.generation = generation
        self.settings = settings
    }
}

/// `config`: 0 -> sluice_config.
package enum ConfigCodec: MapCodec {
    package static let map = DatapathMap.config

    package static func encode(key: UInt32) -> UInt32 { key }
    package static func decode(key raw: UInt32) -> UInt32? { raw }

    /// Levels go deepest first; those past SLUICE_MAX_LEVELS do not fit, and
    /// `TableDriver` refuses them before.
    package static func encode(value: NodeConfig) -> sluice_config {
        var raw = sluice_config()
        let levels = value.settings.levels.sorted(by: >).prefix(Int(SLUICE_MAX_LEVELS))
        raw.layout = value.layout
        raw.generation = value.generation
        raw.posture = value.settings.posture.kernelValue
        raw.flags = value.settings.flags.rawValue
        raw.reply_window_ns = value.settings.replyWindow
        raw.level_count = UInt32(levels.count)
        raw.allowed_sampling = value.settings.reporting.allowedSampling
        raw.event_rate = value.settings.reporting.eventsPerSecond
        raw.repeat_ns = value.settings.reporting.repeatWindow
        raw.ttl_floor = value.settings.nameLifetime.floor
        raw.ttl_ceiling = value.settings.nameLifetime.ceiling
        raw.name_grace = value.settings.nameLifetime.grace
        withUnsafeMutableBytes(of: &raw.levels) { bytes in
            for (index, level) in levels.enumerated() { bytes[index] = level }
        }
        return raw
    }

    /// Nil before the first write, when the layout is 0.
    package static func decode(value raw: sluice_config) -> NodeConfig? {
        guard raw.layout != 0, raw.level_count <= UInt32(SLUICE_MAX_LEVELS),
            let posture = NodeSettings.Posture(kernelValue: raw.posture)
        else { return nil }
        let levels = withUnsafeBytes(of: raw.levels) { Set($0.prefix(Int(raw.level_count))) }
        var settings = NodeSettings(
            flags: NodeSettings.Flags(rawValue: raw.flags), posture: posture,
            replyWindow: raw.reply_window_ns, levels: levels)
        settings.reporting.allowedSampling = raw.allowed_sampling
        settings.reporting.eventsPerSecond = raw.event_rate
        settings.reporting.repeatWindow = raw.repeat_ns
        settings.nameLifetime.floor = raw.ttl_floor
        settings.nameLifetime.ceiling = raw.ttl_ceiling
        settings.nameLifetime.grace = raw.name_grace
        return NodeConfig(layout: raw.layout, generation: raw.generation, settings: settings)
    }
}
