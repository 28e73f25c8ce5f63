import PacketLab

/// One kind of traffic under one candidate.
struct Measurement {
    let name: String
    let candidate: any Candidate
    let pattern: Pattern
    let count: Int
    /// Which of the candidate's programs.
    var clock = egressClock
}

/// Interleaved rounds: all measurements once, then all again, each alone attached.
struct Rounds {
    let node: BenchmarkNode
    /// Where the next sequence of addresses begins, so that first packets have new ones.
    private var first = 0

    init(_ node: BenchmarkNode) { self.node = node }

    /// - Returns: a sample for each measurement, in their order.
    mutating func run(_ measurements: [Measurement], rounds: Int) throws -> [Sample] {
        var figures = measurements.map { _ in [Double]() }
        var runs = measurements.map { _ in UInt64(0) }
        // Round 0 warms caches and does not count.
        for round in 0...rounds {
            for (index, measurement) in measurements.enumerated() {
                let count = round == 0 ? measurement.count / 20 : measurement.count
                let reading = try run(measurement, count: count)
                guard round > 0 else { continue }
                figures[index].append(reading.perRun)
                runs[index] += reading.runs
            }
        }
        return zip(figures, runs).map { Sample($0, runs: $1) }
    }

    private mutating func run(_ measurement: Measurement, count: Int) throws -> ProgramClock.Reading {
        let clocks = try measurement.candidate.attach(to: node.kubepods.directory)
        defer { try? measurement.candidate.detach() }
        guard let clock = clocks[measurement.clock] else {
            throw LibraryError("\(measurement.candidate.name) has no program \(measurement.clock)")
        }
        let before = try clock.read()
        try node.run(measurement.pattern, count: count, first: first)
        first = (first + count) % (1 << 21)
        return try clock.read().since(before)
    }
}
