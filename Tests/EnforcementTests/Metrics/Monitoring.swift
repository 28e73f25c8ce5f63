import FoundationEssentials
import PacketLab

/// What is shipped for Prometheus and Grafana.
enum Monitoring {
    static let components = path("manifests/components")

    static func path(_ name: String) -> String {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
        return root.joined(separator: "/") + "/" + name
    }

    static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// The rule file inside the PrometheusRule: its `spec`, which comes last, two columns to the left.
    static func rules() throws -> String {
        let lines = try text("\(components)/alerts/prometheusrule.yaml").split(
            separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "spec:") else { throw LabError("prometheusrule.yaml: no spec") }
        return try lines[(start + 1)...].map { line in
            guard line.isEmpty || line.hasPrefix("  ") else { throw LabError("prometheusrule.yaml", "\(line)") }
            return line.dropFirst(2)
        }.joined(separator: "\n")
    }

    static func dashboards() throws -> [Dashboard] {
        let folder = "\(components)/dashboards"
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.sorted()
            .map { try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: URL(filePath: "\(folder)/\($0)"))) }
    }
}

/// As much of Grafana's classic dashboard as is looked at.
struct Dashboard: Decodable {
    struct Panel: Decodable {
        struct Target: Decodable {
            var expr: String
            var refId: String
            var datasource: Source
        }
        struct Source: Decodable {
            var type: String
            var uid: String
        }
        struct Place: Decodable {
            var h: Int
            var w: Int
            var x: Int
            var y: Int
        }

        var id: Int
        var type: String
        var title: String
        var description: String?
        var targets: [Target]?
        var gridPos: Place
    }
    struct Templating: Decodable {
        struct Variable: Decodable {
            var name: String
            var type: String
            var definition: String?
        }
        var list: [Variable]
    }

    var uid: String
    var title: String
    var schemaVersion: Int
    var panels: [Panel]
    var templating: Templating

    /// All that is asked of Prometheus, Grafana's variables replaced.
    var queries: [String] {
        panels.flatMap { ($0.targets ?? []).map(\.expr) }.map { query in
            var query = query.replacing("$__rate_interval", with: "1m").replacing("$__range", with: "1h")
            for variable in templating.list { query = query.replacing("$\(variable.name)", with: ".*") }
            return query
        }
    }
}

/// PromQL, as far as names of metrics are concerned.
enum PromQL {
    /// What stands before a selector or a range, and all that begins as Sluice's names do.
    static func metrics(in query: String) -> Set<String> {
        // Neither what is quoted nor what is matched or grouped by names a metric.
        let bare = query.replacing(/"[^"]*"/, with: "").replacing(/\{[^}]*\}/, with: " ")
            .replacing(/\b(by|on|without|ignoring)\s*\([^)]*\)/, with: " ")
        return Set(bare.matches(of: /\b[a-z]+(_[a-z0-9]+)+\b/).map { String($0.output.0) })
            .subtracting(functions)
    }

    private static let functions: Set = [
        "histogram_quantile", "last_over_time", "avg_over_time", "label_values",
    ]
}
