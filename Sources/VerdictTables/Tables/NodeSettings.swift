/// What `config` says of the node; the generation is the driver's own.
public struct NodeSettings: Hashable, Sendable {
    /// sluice_config.flags.
    public struct Flags: OptionSet, Hashable, Sendable {
        public var rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// SLUICE_CONFIG_AUDIT
        public static let audit = Flags(rawValue: 1 << 0)
        /// SLUICE_CONFIG_FAIL_FAST
        public static let failFast = Flags(rawValue: 1 << 1)
        /// SLUICE_CONFIG_AUDIT_SOCKETS
        public static let auditSockets = Flags(rawValue: 1 << 2)
        /// SLUICE_CONFIG_SOURCES: packets leave with a source of the pod's own only.
        public static let sources = Flags(rawValue: 1 << 3)
        /// SLUICE_CONFIG_AUDIT_SOURCES: others are reported, and pass.
        public static let auditSources = Flags(rawValue: 1 << 4)
    }

    /// What a cgroup meets whose pod is not known yet.
    public enum Posture: String, Hashable, Sendable, CaseIterable, Codable {
        /// The guards alone.
        case guards
        /// Its packets are dropped silently until the pod is known.
        case hold
    }

    /// Which events the programs offer to the agent.
    public struct Reporting: Hashable, Sendable {
        /// Of so many new allowed flows one is reported; 0: none.
        public var allowedSampling: UInt32 = 1
        /// Of allowed flows and of all others each; 0: without limit.
        public var eventsPerSecond: UInt32 = 0
        /// A flow that repeats is reported again after so many nanoseconds.
        public var repeatWindow: UInt64 = 1_000_000_000

        public init() {}
    }

    public var flags: Flags
    public var posture: Posture
    /// How long after a peer's last packet a pod may reply, in nanoseconds.
    public var replyWindow: UInt64
    /// Depths below the cgroup root at which pods live; at most
    /// SLUICE_MAX_LEVELS of them.
    public var levels: Set<UInt8>
    public var reporting = Reporting()

    /// How long a resolver's answer counts, in seconds, whatever it says itself.
    public struct NameLifetime: Hashable, Sendable {
        public var floor: UInt32 = 60
        public var ceiling: UInt32 = 86_400
        /// For how long it counts past its time, from its last use on.
        public var grace: UInt32 = 60

        public init() {}
    }

    public var nameLifetime = NameLifetime()

    public init(
        flags: Flags = .failFast, posture: Posture = .guards,
        replyWindow: UInt64 = 60_000_000_000, levels: Set<UInt8> = []
    ) {
        self.flags = flags
        self.posture = posture
        self.replyWindow = replyWindow
        self.levels = levels
    }
}
