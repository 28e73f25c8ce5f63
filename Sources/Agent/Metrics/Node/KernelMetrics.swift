import AgentAPI
import KernelDatapath
import PrometheusMetrics

/// What the kernel itself knows beside counters: the generation, lost events, capacities, programs.
struct KernelMetrics: Sendable {
    private let tables: KernelTables
    private let answers: AnswerCounters
    private let learned: LearnedNames
    private let foreignSources: ForeignSourceCounters
    private let pins: Pins
    private let facts: KernelFacts

    init(_ tables: KernelTables, pins: Pins, facts: KernelFacts) throws(KernelError) {
        self.tables = tables
        answers = try AnswerCounters(pins: pins)
        learned = try LearnedNames(pins: pins)
        foreignSources = try ForeignSourceCounters(pins: pins)
        self.pins = pins
        self.facts = facts
    }

    func families() -> [MetricFamily] {
        let capacities = tables.capacities.map { map, capacity in
            MetricFamily.Metric(["map": map.rawValue], .integer(UInt64(capacity)))
        }
        var families = [
            MetricFamily(Metrics.mapCapacity, capacities),
            MetricFamily(
                Metrics.buildInfo,
                [
                    .init(
                        [
                            "version": BuildInfo.version, "layout": "\(pins.layout)",
                            "kernel": facts.release,
                        ], .integer(1))
                ]),
        ]
        // What cannot be read is left out, and its absence is seen.
        if let lost = try? tables.lostEvents() {
            families.append(
                MetricFamily(
                    Metrics.eventsLost,
                    [
                        .init(["reason": "full"], .integer(lost.full)),
                        .init(["reason": "limited"], .integer(lost.limited)),
                    ]))
        }
        if let readings = try? answers.read() {
            families.append(
                MetricFamily(
                    Metrics.resolverAnswers,
                    [
                        ("read", readings.read), ("unasked", readings.unasked), ("broken", readings.broken),
                        ("truncated", readings.truncated), ("copied", readings.copied), ("lost", readings.lost),
                        ("crowded", readings.crowded),
                    ].map { .init(["result": $0.0], .integer($0.1)) }))
        }
        if let sources = try? foreignSources.read() {
            families.append(
                MetricFamily(
                    Metrics.foreignSources,
                    [("refused", sources.refused), ("audited", sources.audited), ("held", sources.held)]
                        .map { .init(["result": $0.0], .integer($0.1)) }))
        }
        if let level = try? learned.fillLevel() {
            families.append(MetricFamily(Metrics.learnedNames, .integer(UInt64(level.used))))
            families.append(MetricFamily(Metrics.learnedCapacity, .integer(UInt64(level.capacity))))
        }
        if let generation = try? tables.config()?.generation {
            families.append(MetricFamily(Metrics.generation, .integer(UInt64(generation))))
        }
        if let attached = try? Attachments(pins: pins).list() {
            let live = attached.filter(\.isLive).count
            families.append(MetricFamily(Metrics.attachmentsLive, .integer(UInt64(live))))
        }
        if let cgroups = try? Attachments(pins: pins).cgroups() {
            let isActive =
                !cgroups.isEmpty
                && cgroups.allSatisfy {
                    (try? PacketSocketGuard.isAttached(to: $0, pins: pins)) ?? false
                }
            families.append(MetricFamily(Metrics.socketGuardActive, .integer(isActive ? 1 : 0)))
        }
        return families + programs
    }

    /// While the kernel does not count, old numbers would look like rest.
    private var programs: [MetricFamily] {
        let isCounting = (try? KernelFacts.read().statistics) ?? false
        let statistics = isCounting ? (try? ProgramStatistics.read(pins: pins)) ?? [] : []
        func family(_ name: MetricDescription, _ value: (ProgramStatistics) -> MetricFamily.Value) -> MetricFamily {
            MetricFamily(name, statistics.map { .init(["program": $0.program.rawValue], value($0)) })
        }
        return [
            family(Metrics.programRuns) { .integer($0.runs) },
            family(Metrics.programSeconds) { .number(Double($0.nanoseconds) / 1e9) },
        ]
    }
}
