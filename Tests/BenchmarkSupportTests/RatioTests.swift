import BenchmarkSupport
import Testing

struct RatioTests {
    @Test(
        "Each relation has its good side, and only two of them the target itself",
        arguments: [
            (Ratio.Relation.atMost, [true, true, false]), (.atLeast, [false, true, true]),
            (.below, [true, false, false]), (.above, [false, false, true]),
        ])
    func relations(relation: Ratio.Relation, met: [Bool]) {
        #expect([1.9, 2, 2.1].map { Ratio("r", $0, relation, 2).outcome } == met.map { $0 ? .met : .missed })
    }

    @Test("What is not a number meets nothing")
    func notANumber() {
        for relation in [Ratio.Relation.atMost, .atLeast, .below, .above] {
            #expect(Ratio("r", .nan, relation, 2).outcome == .missed)
        }
    }

    @Test(
        "Only an interval wholly on one side of the target shows anything",
        arguments: [
            ([1.0, 1.1, 1.2, 1.3, 1.4, 1.5], Ratio.Outcome.met), ([2.1, 2.2, 2.3, 2.4, 2.5, 2.6], .missed),
            ([1.5, 1.6, 1.7, 1.8, 1.9, 2.1], .notShown), ([1.9, 2.1, 2.2, 2.3, 2.4, 2.5], .notShown),
            ([2, 2, 2, 2, 2, 2], .met), ([1, 1, 1, 1, 1], .notShown),
        ])
    func outcomes(pairs: [Double], outcome: Ratio.Outcome) throws {
        #expect(Ratio("r", try #require(Estimate(pairs)), .atMost, 2).outcome == outcome)
    }

    @Test("A figure of pairs is printed with its interval, or with none where there are too few")
    func text() throws {
        let six = try #require(Estimate([1.9, 1.91, 1.94, 1.96, 2, 2.04]))
        #expect(Ratio("r", six, .atMost, 2).valueText == "1.95 [1.90, 2.04]")
        #expect(Ratio("r", try #require(Estimate([1])), .atMost, 2).valueText == "1.00 [?]")
        #expect(Ratio("r", 5, .below, 10, unit: "ms").valueText == "5.00 ms")
    }

    private static func candidate(_ design: Design, _ prefixes: Int?, _ figures: [Measure: [Double]])
        -> DatapathReport.Candidate
    {
        var candidate = DatapathReport.Candidate(design: design, prefixes: prefixes)
        candidate.figures = figures.compactMapValues(Spread.init)
        return candidate
    }

    /// Blocks in which the machine is as fast as ever, then half as fast.
    private static func comparison(_ sides: [Comparison.Side], _ measure: Measure, _ figures: [Double]) -> Comparison {
        var comparison = Comparison(sides)
        for slowness in [1.0, 2, 1, 2, 1, 2] { comparison.add(figures.map { [measure: $0 * slowness] }) }
        return comparison
    }

    static let report = DatapathReport(
        rounds: 2, seconds: 1, tools: ["iperf3": "iperf 3.12"],
        candidates: [
            candidate(.none, nil, [.requestRate: [100, 50]]),
            candidate(.empty, nil, [.kernelTCP: [50, 100]]),
            candidate(.sluice, 10, [.kernelTCP: [80, 160]]),
            candidate(.sluice, 100_000, [.kernelTCP: [90, 180], .requestRate: [98, 49]]),
            candidate(.sluice, 1_000_000, [.kernelTCP: [96, 192]]),
            candidate(.trie, 100_000, [.kernelTCP: [250, 500]]),
            candidate(.nftables, 100_000, [.requestRate: [70, 35]]),
        ],
        comparisons: [
            comparison(
                [.init(.empty), .init(.sluice, prefixes: 100_000), .init(.trie, prefixes: 100_000)], .kernelTCP,
                [50, 90, 250]),
            comparison(
                [.init(.sluice, prefixes: 1_000_000), .init(.sluice, prefixes: 10)], .kernelTCP, [96, 80]),
            comparison(
                [.init(.none), .init(.sluice, prefixes: 100_000), .init(.nftables, prefixes: 100_000)], .requestRate,
                [50, 49, 35]),
        ])

    @Test("The design's numbers come from figures side by side: a machine that gets slower makes all slower")
    func numbers() throws {
        let ratios = Self.report.ratios
        #expect(ratios.map { fixed($0.value, 2) } == ["1.80", "0.20", "1.20", "0.98", "1.40"])
        #expect(ratios.map(\.outcome) == [.met, .met, .missed, .met, .met])
        #expect(ratios.allSatisfy { $0.estimate?.pairs == 6 })
    }

    @Test("What was not compared has no ratio")
    func missing() {
        var report = Self.report
        report.comparisons.removeLast()
        #expect(report.ratios.count == 3)
        #expect(report.pairsTable == nil)
        report.comparisons.removeAll()
        #expect(report.ratios.isEmpty)
    }

    @Test("A list of one length is not compared with itself")
    func oneLength() {
        var report = Self.report
        report.candidates.removeAll { $0.prefixes == 10 || $0.prefixes == 1_000_000 }
        #expect(report.ratios.map { fixed($0.value, 2) } == ["1.80", "0.20", "0.98", "1.40"])
    }

    @Test("Figures side by side stand in a row with their quotients")
    func table() throws {
        let table = try #require(Self.report.pairsTable)
        #expect(
            table.text == """
                | Side by side, 100,000 CIDRs | no enforcement | Sluice | nftables | Sluice / no enforcement | Sluice / nftables |
                | --- | ---: | ---: | ---: | ---: | ---: |
                | TCP requests and responses, 1/s | 75 | 74 | 53 | 0.980 [0.980, 0.980] | 1.400 [1.400, 1.400] |
                """)
    }
}
