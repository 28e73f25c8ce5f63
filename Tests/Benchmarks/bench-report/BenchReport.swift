import ArgumentParser
import BenchmarkSupport
import Glibc

/// Puts together what the benchmarks found out.
@main struct BenchReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-report",
        abstract: "Makes results.json, the page's tables, and scripts for gnuplot from the parts of a run.")

    @Argument(help: "The folder with datapath.json, cluster-*.json, compiled-*.json, small.json and crowd.json.")
    var parts: String

    @Option(help: "The page whose generated parts are written anew.")
    var page: String

    @Option(help: "The folder to write benchmarks.md and benchmarks/ to; it is there.")
    var into: String

    @Option(help: "How the run was called.")
    var form: String

    @Option(help: "The commit that was measured.")
    var revision: String

    @Option(help: "The day.")
    var date: String

    func run() throws {
        let results = Results(
            form: form, revision: revision, date: date, datapath: try read("datapath.json"),
            clusters: try names("cluster-").map(read), small: try read("small.json"),
            compiles: try names("compiled-").map(read), crowd: try read("crowd.json"))
        var text = MarkedText(readText(page))
        try results.fill(&text, charts: "benchmarks")
        try write("benchmarks.md", text.text)
        try write("benchmarks/results.json", try results.json + "\n")
        for chart in results.charts { try write("benchmarks/\(chart.name).gnuplot", chart.script) }
        print(results.text)
    }

    private func read<Part: Decodable>(_ name: String) throws -> Part {
        do {
            return try Part(json: readText("\(parts)/\(name)"))
        } catch {
            throw ValidationError("\(parts)/\(name): \(error)")
        }
    }

    /// The parts whose names begin so.
    private func names(_ prefix: String) throws -> [String] {
        guard let folder = opendir(parts) else { throw ValidationError("\(parts) cannot be read") }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(prefix) { names.append(name) }
        }
        return names.sorted()
    }

    private func write(_ name: String, _ text: String) throws {
        let path = "\(into)/\(name)"
        guard let file = fopen(path, "we") else { throw ValidationError("\(path) cannot be written") }
        let written = fputs(text, file) >= 0
        guard fclose(file) == 0, written else { throw ValidationError("\(path) cannot be written") }
    }
}
