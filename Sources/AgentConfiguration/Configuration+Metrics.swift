extension Configuration {
    /// `metrics`.
    public struct Metrics: Hashable, Sendable {
        /// Whether `/metrics` is answered, at the health endpoint's address.
        public var enabled = true
        /// Whether packets, bytes and flows are also told by pod: series for every pod of the node.
        public var perPod = false
        public init() {}
    }
}
