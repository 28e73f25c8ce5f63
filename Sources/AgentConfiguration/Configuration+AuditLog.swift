extension Configuration {
    /// `auditLog`.
    public struct AuditLog: Hashable, Sendable {
        /// A file, or `-` for standard output; nil: no audit log.
        public var path: String?
        /// Of one file.
        public var maxMegabytes: UInt32 = 100
        /// How many older files are kept beside the current one.
        public var olderFiles: UInt32 = 5
        public init() {}
    }
}
