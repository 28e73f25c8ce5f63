import BenchmarkSupport
import Testing

struct RatioTests {
    @Test("Each relation has its good side, and only two of them the target itself", arguments: [
        (Ratio.Relation.atMost, [true, true, false]), (.atLeast, [false, true, true]),
        (.below, [true, false, false]), (.above, [false, false, true]),
    ])
    func relations(relation: Ratio.Relation, met: [Bool]) {
        #expect([1.9, 2, 2.1].map { Ratio("r", $0, relation, 2).isMet } == met)
    }

    @Test("What is not a number meets nothing")
    func notANumber() {
        for relation in [Ratio.Relation.atMost, .atLeast, .below, .above] {
            #expect(!Ratio("r", .nan, relation, 2).isMet)
        }
    }

    private static func candidate(_ design: Design, _ prefixes: Int?, _ figures: [Measure: [Double]])
        -> DatapathReport.Candidate
    {
        var candidate = DatapathReport.Candidate(design: design, prefixes: prefixes)
        candidate.figures = figures.compactMapValues(Spread.init)
        return candidate
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
        ])

    @Test("The design's numbers come from rounds side by side")
    func numbers() throws {
        let ratios = Self.report.ratios
        #expect(ratios.map { fixed($0.value, 2) } == ["1.80", "0.20", "1.20", "0.98", "1.40"])
        #expect(ratios.map(\.isMet) == [true, true, false, true, true])
    }

    @Test("What was not measured has no ratio")
    func missing() {
        var report = Self.report
        report.candidates.removeAll { $0.design == .nftables || $0.design == .trie }
        #expect(report.ratios.count == 3)
    }
}
