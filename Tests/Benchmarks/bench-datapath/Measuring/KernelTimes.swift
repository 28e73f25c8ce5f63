import BenchmarkSupport

/// Nanoseconds per run of a candidate's programs, while the pod sends what a measure is about.
struct KernelTimes {
    private let node: BenchmarkNode
    /// Requests on an established connection.
    private let requests: Int

    init(_ node: BenchmarkNode, requests: Int) {
        self.node = node
        self.requests = requests
    }

    private struct Plan {
        var pattern: Pattern
        var count: Int
        var measures: [ProgramRole: Measure]
        /// Whether it is about denied flows, which the empty program has none of.
        var isDenied = false
        /// Packets are judged by egress only where no hook has refused the call.
        var isSlow = false
    }

    private var plans: [Plan] {
        let few = min(10_000, requests)
        return [
            Plan(
                pattern: .tcpRequests, count: requests, measures: [.egress: .kernelTCP, .ingress: .kernelIngress]),
            Plan(
                pattern: .udpRequests, count: few, measures: [.egress: .kernelUDP, .ingress: .kernelUDPIngress]),
            Plan(pattern: .nameQueries, count: few, measures: [.ingress: .kernelAnswer]),
            Plan(pattern: .tcpFirst, count: few, measures: [.egress: .kernelFirstTCP]),
            Plan(pattern: .udpFirst, count: few, measures: [.egress: .kernelFirstUDP]),
            Plan(pattern: .tcpDenied, count: few, measures: [.connect: .kernelDeniedConnect], isDenied: true),
            Plan(
                pattern: .udpDeniedPackets, count: few, measures: [.egress: .kernelDeniedPacket], isDenied: true,
                isSlow: true),
        ]
    }

    /// - Parameter round: decides where in the list first packets go.
    func measure(_ candidate: any Candidate, round: Int) throws -> [Measure: Double] {
        let statistics = try StatisticsSwitch()
        var figures: [Measure: Double] = [:]
        for plan in plans where candidate.design.enforces || !plan.isDenied {
            let clocks = plan.measures.compactMap { role, measure in candidate.clocks[role].map { (measure, $0) } }
            guard !clocks.isEmpty else { continue }
            if plan.isSlow { try candidate.setFailFast(false) }
            defer { if plan.isSlow { try? candidate.setFailFast(true) } }
            let among = candidate.prefixes ?? 1
            let first = round * plan.count % among
            // Caches are warmed before it counts.
            try node.run(plan.pattern, count: plan.count / 20, first: first, among: among)
            let before = try clocks.map { try $0.1.read() }
            let answers = try candidate.answersRead ?? 0
            try node.run(plan.pattern, count: plan.count, first: first, among: among)
            if plan.pattern == .nameQueries, let read = try candidate.answersRead, read - answers < plan.count {
                throw LibraryError("\(candidate.title): \(read - answers) answers of \(plan.count) were read")
            }
            for ((measure, clock), before) in zip(clocks, before) {
                let reading = try clock.read().since(before)
                guard reading.runs > 0 else { throw LibraryError("\(candidate.title): \(measure.title): no run") }
                figures[measure] = reading.perRun
            }
        }
        _ = consume statistics
        return figures
    }
}
