/// How one node's agent fares in a cluster larger than any machine could run, while pods come and go.
public struct CrowdReport: Codable, Sendable {
    public var pods: Int
    public var policies: Int
    public var localPods: Int
    /// Events a second that were to be sent, and that were.
    public var wantedRate: Double
    public var rate: Double
    /// How long they were sent, in seconds.
    public var seconds: Double
    /// Milliseconds from an event's sending to the kernel's map, for one in so many events.
    public var lagMedian: Double
    public var lagTail: Double
    public var lagHighest: Double
    public var probes: Int
    /// Milliseconds from the last event's sending until the kernel had it.
    public var drain: Double
    /// Processor time of the agent for each second of events.
    public var processor: Double
    /// Seconds until it enforced, and the processor time that it took for that.
    public var firstSync: Double
    public var firstSyncProcessor: Double
    /// MiB resident: the peak, and at the end.
    public var peakMemory: Double
    public var memory: Double
    public var maps: [MapSize]

    /// It does if events were sent as fast as wanted, and the last of them is soon in force.
    public var keepsUp: Bool { rate >= 0.99 * wantedRate && drain < 1000 }

    public init(
        pods: Int, policies: Int, localPods: Int, wantedRate: Double, rate: Double, seconds: Double,
        lags: [Double], drain: Double, processor: Double, firstSync: Double, firstSyncProcessor: Double,
        peakMemory: Double, memory: Double, maps: [MapSize]
    ) {
        self.pods = pods
        self.policies = policies
        self.localPods = localPods
        self.wantedRate = wantedRate
        self.rate = rate
        self.seconds = seconds
        lagMedian = lags.quantile(0.5)
        lagTail = lags.quantile(0.99)
        lagHighest = lags.max() ?? 0
        probes = lags.count
        self.drain = drain
        self.processor = processor
        self.firstSync = firstSync
        self.firstSyncProcessor = firstSyncProcessor
        self.peakMemory = peakMemory
        self.memory = memory
        self.maps = maps
    }
}
