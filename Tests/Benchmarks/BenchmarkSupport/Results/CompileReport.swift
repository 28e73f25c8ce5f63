/// What the agent's compiler and the writing of its tables cost, without an API in between.
public struct CompileReport: Codable, Sendable {
    /// How long changes of a kind took, and how much they touched.
    public struct Change: Codable, Sendable {
        public var name: String
        /// Milliseconds until the tables are worked out and written, what had to go included.
        public var p50: Double
        public var p99: Double
        /// Entries written and removed.
        public var entries: Int
        public var mostEntries: Int
        public var count: Int

        /// - Parameters:
        ///   - milliseconds: one a change.
        ///   - entries: as many.
        public init(_ name: String, milliseconds: [Double], entries: [Int]) {
            self.name = name
            p50 = milliseconds.quantile(0.5)
            p99 = milliseconds.quantile(0.99)
            self.entries = Int(entries.map(Double.init).quantile(0.5))
            mostEntries = entries.max() ?? 0
            count = milliseconds.count
        }
    }

    public var pods: Int
    public var policies: Int
    public var localPods: Int
    /// Seconds from objects to tables.
    public var compile: Double
    /// Seconds from tables to the kernel.
    public var apply: Double
    public var entries: Int
    public var changes: [Change]

    public init(
        pods: Int, policies: Int, localPods: Int, compile: Double, apply: Double, entries: Int, changes: [Change]
    ) {
        self.pods = pods
        self.policies = policies
        self.localPods = localPods
        self.compile = compile
        self.apply = apply
        self.entries = entries
        self.changes = changes
    }
}
