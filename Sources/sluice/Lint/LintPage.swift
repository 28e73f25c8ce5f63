import Linting
import PolicyModel

/// Findings as they are printed.
enum LintPage {
    struct Document: Encodable {
        struct Row: Encodable {
            var severity: Finding.Severity
            var check: Check
            @EncodesNil var kind: String?
            @EncodesNil var namespace: String?
            @EncodesNil var name: String?
            var origin: String
            var field: String
            var message: String
            var suggestion: String
        }

        var findings: [Row]
        var checks: [Check]
        var skipped: [Check]
        var objects: Int

        init(_ report: LintReport, _ shown: [Finding]) {
            findings = shown.map { finding in
                Row(
                    severity: finding.severity, check: finding.check, kind: finding.object?.kind.rawValue,
                    namespace: finding.object?.namespace, name: finding.object?.name, origin: finding.origin,
                    field: finding.field, message: finding.message, suggestion: finding.suggestion)
            }
            checks = report.checks
            skipped = report.skipped
            objects = report.objects
        }
    }

    static func show(_ report: LintReport, _ shown: [Finding], _ severity: Finding.Severity) {
        for finding in shown { show(finding) }
        let looked = "in \(counted(report.objects, "object")), \(counted(report.checks.count, "check"))"
        let hidden = report.findings.count - shown.count
        let less = hidden == 0 ? "" : "; \(hidden) less grave: --severity info shows all"
        if shown.isEmpty {
            print("no findings \(looked)\(less)")
        } else {
            let counts = Finding.Severity.allCases.compactMap { severity in
                let count = shown.count { $0.severity == severity }
                return count == 0 ? nil : severity == .info ? "\(count) info" : counted(count, severity.rawValue)
            }
            print("\(counts.joined(separator: ", ")) \(looked)\(less)")
        }
        if !report.skipped.isEmpty {
            Page.print(
                "not made, as no pod is among the objects:",
                report.skipped.map(\.rawValue).joined(separator: ", "), indent: 42)
        }
    }

    private static func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }

    private static func show(_ finding: Finding) {
        let place = [finding.object?.description, finding.object == nil ? finding.origin : nil, finding.field]
            .compactMap { $0?.isEmpty == false ? $0 : nil }.joined(separator: ": ")
        print("\(finding.severity.rawValue)  \(finding.check.rawValue)  \(place.printable)")
        Page.print("", finding.message, indent: 4)
        if !finding.suggestion.isEmpty { Page.print("    do:", finding.suggestion, indent: 8) }
        print("")
    }

    private struct CheckRow: MapRow {
        static let header = ["CHECK", "FINDS"]
        var check: String
        var finds: String
        var cells: [String] { [check, finds] }
    }

    static func showChecks(_ format: Format) throws {
        try format.show(Check.allCases.map { CheckRow(check: $0.rawValue, finds: $0.summary) })
    }
}
