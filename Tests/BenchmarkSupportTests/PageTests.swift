import BenchmarkSupport
import Testing

struct PageTests {
    @Test("A part is written anew between its marks, again and again, and the rest stays")
    func replaces() throws {
        var page = MarkedText("before <!-- begin a -->old<!-- end a --> after <!-- begin b --><!-- end b -->")
        try page.replace("a", with: "new")
        try page.replace("a", with: "newer")
        try page.replace("b", with: "other")
        #expect(
            page.text
                == "before <!-- begin a -->\nnewer\n<!-- end a --> after <!-- begin b -->\nother\n<!-- end b -->")
    }

    @Test(
        "A page without both marks in their order is refused",
        arguments: [
            "", "<!-- begin a -->", "<!-- end a --> <!-- begin a -->", "<!-- begin b --><!-- end b -->",
        ])
    func refuses(text: String) {
        var page = MarkedText(text)
        #expect(throws: MarkedText.MissingMarker.self) { try page.replace("a", with: "x") }
        #expect(page.text == text)
    }

    @Test("A table has a rule below its header; on a terminal its columns stand below each other")
    func tables() {
        var table = MarkdownTable(["name", "value"])
        table.add(["a", "1"])
        table.add(["longer", "1,000"])
        #expect(
            table.text == """
                | name | value |
                | --- | ---: |
                | a | 1 |
                | longer | 1,000 |
                """)
        #expect(
            table.plain == """
                name    value
                a           1
                longer  1,000
                """)
    }

    @Test("A measure's table has a row a design, and its figure where its list is as long")
    func measures() throws {
        let table = try #require(RatioTests.report.table(.kernelTCP))
        #expect(
            table.text == """
                | Established TCP, a packet out, ns | no list | 10 CIDRs | 100,000 CIDRs | 1,000,000 CIDRs |
                | --- | ---: | ---: | ---: | ---: |
                | an empty cgroup program | 75 (50–100) |  |  |  |
                | Sluice |  | 120 (80–160) | 135 (90–180) | 144 (96–192) |
                | a trie for each packet |  |  | 375 (250–500) |  |
                """)
        #expect(RatioTests.report.table(.throughput) == nil)
    }

    @Test("The page of this repository has all marks, and a drawing for each that it names")
    func fillsThePage() throws {
        let path =
            #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
            .joined(separator: "/") + "/docs/benchmarks.md"
        var page = MarkedText(readText(path))
        let cluster = ClusterReport(pods: 100, policies: 5_000, localPods: 20)
        let results = Results(
            form: "short", revision: "abcdef0", date: "2026-11-21", datapath: RatioTests.report, clusters: [cluster],
            small: cluster,
            compiles: [
                CompileReport(
                    pods: 100, policies: 5_000, localPods: 20, compile: 1, apply: 2, entries: 3,
                    changes: [.init("a change", milliseconds: [1, 2, 3], entries: [4, 5, 6])])
            ],
            crowd: CrowdReport(
                pods: 1_000_000, policies: 5_000, localPods: 250, wantedRate: 1_000, rate: 999, seconds: 30,
                lags: [1, 2, 3], drain: 4, processor: 0.5, firstSync: 60, firstSyncProcessor: 50, peakMemory: 2_000,
                memory: 1_800, maps: [MapSize(name: "rules", entries: 9, mebibytes: 1.5)]))
        try results.fill(&page, charts: "benchmarks")
        for chart in results.charts { #expect(page.text.contains("(benchmarks/\(chart.name).svg)")) }
        #expect(page.text.contains("| a change, entries touched, median / most | 5 / 6 |"))
        #expect(page.text.contains("| keeps up | yes |"))
        #expect(page.text.contains("| **missed** |"))
        #expect(page.text.contains("| TCP requests and responses, 1/s | 75 | 74 | 53 |"))
        #expect(page.text.contains("| date, commit | 2026-11-21, `abcdef0` |"))
        let again = try Results(json: results.json)
        #expect(try again.json == results.json)
    }

    @Test(
        "An agent keeps up if it is told as fast as wanted and done soon after",
        arguments: [
            (1_000.0, 900.0, true), (980, 900, false), (1_000, 1_100, false),
        ])
    func keepsUp(rate: Double, drain: Double, keepsUp: Bool) {
        let report = CrowdReport(
            pods: 1, policies: 1, localPods: 1, wantedRate: 1_000, rate: rate, seconds: 1, lags: [1], drain: drain,
            processor: 1, firstSync: 1, firstSyncProcessor: 1, peakMemory: 1, memory: 1, maps: [])
        #expect(report.keepsUp == keepsUp)
    }
}
