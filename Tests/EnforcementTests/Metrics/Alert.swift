import PacketLab

/// One alert of a rule file.
struct Alert {
    var name: String
    var expression: String
    /// Their names, sorted.
    var annotations: [String]
    var runbook: String

    /// By the file's own layout: keys of a rule are indented by six columns, annotations by eight.
    static func all(in rules: String) throws -> [Alert] {
        var alerts: [Alert] = []
        var key = ""
        for line in rules.split(separator: "\n") {
            let text = line.drop { $0 == " " }
            let indent = line.count - text.count
            if text.hasPrefix("#") { continue }
            if indent == 4, text.hasPrefix("- alert: ") {
                alerts.append(Alert(name: String(text.dropFirst(9)), expression: "", annotations: [], runbook: ""))
                continue
            }
            guard var alert = alerts.popLast() else { continue }
            if indent == 6 { key = String(text.prefix { $0 != ":" }) }
            if key == "expr" { alert.expression += " " + (indent == 6 ? text.dropFirst("expr:".count) : text) }
            if key == "annotations", indent == 8 {
                let name = text.prefix { $0 != ":" }
                alert.annotations = (alert.annotations + [String(name)]).sorted()
                if name == "runbook" { alert.runbook = String(text.dropFirst("runbook: ".count)) }
            }
            alerts.append(alert)
        }
        guard alerts.allSatisfy({ !$0.expression.isEmpty }) else { throw LabError("rules", "an alert without expr") }
        return alerts
    }
}
