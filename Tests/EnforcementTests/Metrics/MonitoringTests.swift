import FoundationEssentials
import PacketLab
import Testing

/// Dashboards and alerts ask for what the agent tells, in words that Prometheus understands.
@Suite(.serialized) struct MonitoringTests {
    @Test("promtool finds nothing to complain of in what the agent tells")
    func promtool() throws {
        let node = try EnforcedNode.measured(config: "metrics: {perPod: true}")
        defer { node.close() }
        _ = try node.wirePod()
        try node.policy(egress: Scene.egress)
        try node.start()
        let verdict = try node.shell("curl -sS \(EnforcedNode.metricsURL) | promtool check metrics; echo status $?")
        #expect(verdict == "status 0\n")
        let told = try node.shell("curl -sS \(EnforcedNode.metricsURL)")
        let complaint = try node.shell("promtool check metrics <<< 'sluice_x_total{a=\"1} 1'; echo status $?")
        #expect(told.contains("sluice_pod_packets_total{") && !complaint.hasSuffix("status 0\n"))
    }

    @Test("Every metric that a dashboard or an alert names is told by a real agent")
    func names() throws {
        let node = try EnforcedNode.measured()
        defer { node.close() }
        _ = try node.wirePod()
        try node.policy(egress: Scene.egress)
        try node.start()
        let types = try node.shell("curl -sS \(EnforcedNode.metricsURL)").split(separator: "\n")
            .filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ") }
        let told = Set(
            types.flatMap { words in
                let name = String(words[2])
                return words[3] == "histogram" ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
            })
        let rules = try Monitoring.rules()
        let alerts = try Alert.all(in: rules)
        let boards = try Monitoring.dashboards()
        let variables = boards.flatMap { $0.templating.list.compactMap(\.definition) }
        let asked = (alerts.map(\.expression) + boards.flatMap(\.queries) + variables).map(PromQL.metrics)
            .reduce(into: Set<String>()) { $0.formUnion($1) }
        #expect(asked.count > 20 && asked.isSuperset(of: ["sluice_build_info", "sluice_flows_total"]))
        #expect(asked.subtracting(told) == [])
    }

    @Test("Grafana's dashboards are whole: one data source to choose, no panels over each other, each described")
    func dashboards() throws {
        let boards = try Monitoring.dashboards()
        #expect(boards.map(\.uid) == ["sluice-operation", "sluice-security"])
        for board in boards {
            #expect(board.schemaVersion >= 39)
            #expect(board.templating.list.first?.type == "datasource")
            #expect(Set(board.panels.map(\.id)).count == board.panels.count)
            var taken: Set<[Int]> = []
            for panel in board.panels {
                let place = panel.gridPos
                #expect(place.x + place.w <= 24)
                for x in place.x..<(place.x + place.w) {
                    for y in place.y..<(place.y + place.h) {
                        #expect(taken.insert([x, y]).inserted, "\(board.title): \(panel.title)")
                    }
                }
                if panel.type == "row" { continue }
                #expect(panel.description?.isEmpty == false, "\(panel.title)")
                #expect(panel.targets?.allSatisfy { $0.datasource.uid == "${datasource}" } == true, "\(panel.title)")
            }
        }
    }

    @Test("Prometheus parses every query of the dashboards")
    func queries() async throws {
        let directory = try Scratch()
        // As recording rules, which promtool checks without a server.
        var rules = "groups:\n- name: dashboards\n  rules:\n"
        let queries = try Monitoring.dashboards().flatMap(\.queries)
        for (number, query) in queries.enumerated() {
            rules += "  - record: query:\(number)\n    expr: '\(query.replacing("'", with: "''"))'\n"
        }
        try directory.write("rules.yaml", rules)
        let checked = try directory.promtool("check", "rules", "rules.yaml")
        #expect(checked.contains("SUCCESS: \(queries.count) rules found"), "\(checked)")
    }

    @Test("Every alert fires when it should and is silent when it should not")
    func alerts() throws {
        let directory = try Scratch()
        let rules = try Monitoring.rules()
        let tests = try Monitoring.text(Monitoring.path("Tests/EnforcementTests/Metrics/alerts/alerts-test.yaml"))
        try directory.write("rules.yaml", rules)
        try directory.write("alerts-test.yaml", tests)
        let outcome = try directory.promtool("test", "rules", "alerts-test.yaml")
        #expect(outcome.contains("SUCCESS") && !outcome.contains("FAILED"), "\(outcome)")
        let names = try Alert.all(in: rules).map(\.name)
        #expect(names.count > 10)
        for name in names {
            #expect(tests.contains("ALERTS{alertname=\"\(name)\""), "no test lets \(name) fire")
        }
    }

    @Test("Every alert says what it is, what it means, and where to read on")
    func annotations() throws {
        let page = try Monitoring.text(Monitoring.path("docs/metrics.md"))
        let headings = page.split(separator: "\n").filter { $0.hasPrefix("### ") }.map { $0.dropFirst(4) }
        let alerts = try Alert.all(in: Monitoring.rules())
        #expect(headings.map(String.init).sorted() == alerts.map(\.name).sorted())
        for alert in alerts {
            #expect(alert.annotations == ["action", "description", "runbook", "summary"], "\(alert.name)")
            #expect(alert.runbook == "docs/metrics.md#\(alert.name.lowercased())")
        }
        // Links within the page lead somewhere.
        for anchor in page.matches(of: /\]\(#([a-z0-9-]+)\)/).map({ String($0.output.1) }) {
            let lines = page.split(separator: "\n").filter { $0.hasPrefix("#") }
            #expect(lines.contains { $0.drop { $0 == "#" || $0 == " " }.lowercased() == anchor }, "\(anchor)")
        }
    }
}
