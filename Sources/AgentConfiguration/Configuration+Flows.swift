package import VerdictTables

extension Configuration {
    /// `flows`: what the programs tell of, and who may hear it.
    public struct Flows: Hashable, Sendable {
        /// Of so many new allowed flows one is told of; 0: none.
        public var allowedSampling: UInt32 = 1
        /// At most so many events a second of allowed flows, and as many of all
        /// others; 0: without limit.
        public var eventsPerSecond: UInt32 = 5000
        /// A flow that repeats is told of again after so long, with a count.
        public var repeatSeconds: UInt32 = 5
        /// Where flows are asked for.
        public var socket = FlowSocketPlace.inStateDirectory
        /// How many flows are kept for who asks later; each takes about half a kilobyte.
        public var history: UInt32 = 4096
        public init() {}

        package var reporting: NodeSettings.Reporting {
            var reporting = NodeSettings.Reporting()
            reporting.allowedSampling = allowedSampling
            reporting.eventsPerSecond = eventsPerSecond
            reporting.repeatWindow = UInt64(repeatSeconds) * 1_000_000_000
            return reporting
        }
    }
}
