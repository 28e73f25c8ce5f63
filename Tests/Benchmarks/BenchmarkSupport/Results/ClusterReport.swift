/// How the agent keeps up with a cluster's API.
public struct ClusterReport: Codable, Sendable {
    /// How long changes of a kind took.
    public struct Change: Codable, Sendable {
        public var name: String
        /// Milliseconds.
        public var p50: Double
        public var p99: Double
        public var count: Int

        public init(_ name: String, milliseconds: [Double]) {
            self.name = name
            p50 = milliseconds.quantile(0.5)
            p99 = milliseconds.quantile(0.99)
            count = milliseconds.count
        }
    }

    public var machine = Machine.processors
    public var kernel = Machine.kernel
    public var pods: Int
    public var policies: Int
    public var localPods: Int
    /// Seconds from the start of the process until it enforces.
    public var firstSync = 0.0
    /// Of these, the agent's own processor time.
    public var firstSyncProcessor = 0.0
    /// MiB, the highest until the first sync.
    public var peakMemory = 0.0
    /// MiB resident at the end; of these, what is not a file's.
    public var memory = 0.0
    public var anonymousMemory = 0.0
    public var changes: [Change] = []
    public var maps: [MapSize] = []

    public init(pods: Int, policies: Int, localPods: Int) {
        self.pods = pods
        self.policies = policies
        self.localPods = localPods
    }
}

/// What a kernel map holds.
public struct MapSize: Codable, Sendable {
    public var name: String
    public var entries: Int
    /// By the kernel's own account; before Linux 6.4 an estimate of its.
    public var mebibytes: Double

    public init(name: String, entries: Int, mebibytes: Double) {
        self.name = name
        self.entries = entries
        self.mebibytes = mebibytes
    }
}
