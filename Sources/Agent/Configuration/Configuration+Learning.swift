extension Configuration {
    /// `learn`: flows recorded for `sluice learn`.
    public struct Learning: Hashable, Sendable {
        public var enabled = true
        /// Where the records are kept; to be of use it survives reboots.
        public var directory = "/var/lib/sluice"
        public var maxRecords: UInt32 = 20_000
        public init() {}
    }
}
