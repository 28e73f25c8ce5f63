extension Configuration {
    /// `learn`: flows recorded for `sluice learn`.
    public struct Learning: Hashable, Sendable {
        public var enabled = true
        /// Where the records are kept; nil: as `recordDirectory(stateDirectory:)` has it.
        public var directory: String?
        public var maxRecords: UInt32 = 20_000
        public init() {}
    }

    /// Where records are kept unless it is said: in a directory that survives
    /// reboots; an agent with a state directory of its own keeps all it has there.
    public static func recordDirectory(stateDirectory: String) -> String {
        stateDirectory == Configuration().stateDirectory ? "/var/lib/sluice" : stateDirectory
    }
}
