import Agent
import AgentConfiguration
import PrometheusMetrics
import TestHarness
import Testing

@Suite struct MetricsTests {
    @Test("No name is there twice, and a unit stands at the end of its name")
    func names() {
        #expect(Set(Metrics.all.map(\.name)).count == Metrics.all.count)
        for metric in Metrics.all {
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
            if let unit = metric.unit { #expect(metric.name.hasSuffix("_\(unit.rawValue)")) }
        }
    }

    @Test("docs/metrics.md has a row for each metric, and for no other")
    func documented() {
        let page = TemporaryDirectory.text("\(Repository.root)/docs/metrics.md")
        let rows = page.split(separator: "\n").compactMap { line -> String? in
            let cells = line.split(separator: "|").map { $0.filter { $0 != "`" && $0 != " " } }
            guard line.hasPrefix("| `"), cells[0].contains("_") else { return nil }
            return "\(cells[0]) \(cells[1])"
        }
        #expect(rows.sorted() == Metrics.all.map { "\($0.queryName) \($0.kind.word)" }.sorted())
    }

    @Test("Metrics can be switched off, and told by pod")
    func settings() {
        let (defaults, _) = ConfigurationFile.read([], file: "c")
        #expect(defaults.metrics.enabled && !defaults.metrics.perPod)
        let text = "metrics: {enabled: false, perPod: true}"
        let (changed, problems) = ConfigurationFile.read(Array(text.utf8), file: "c")
        #expect(problems.isEmpty && !changed.metrics.enabled && changed.metrics.perPod)
        let (_, wrong) = ConfigurationFile.read(Array("metrics: {perpod: true}".utf8), file: "c")
        #expect(wrong.count == 1 && "\(wrong)".contains("is not a setting; there are enabled, perPod"))
    }
}

/// The files that the tests speak of.
enum Repository {
    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
        .joined(separator: "/")
}
