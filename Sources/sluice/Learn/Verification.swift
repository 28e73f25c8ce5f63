import Flows
import Learning
import PolicyCompiler
import PolicyModel

/// `learn --verify`: what would become of recorded flows under some policies.
struct Verification {
    var replay: Replay
    var policies: [ClusterObject]
    var options: CompilerOptions

    private struct Row: Encodable {
        var source: String
        var destination: String
        var port: String
        var seen: FlowVerdict
        var would: FlowVerdict
        var count: UInt64
        var lastSeen: String
        var reason: String

        init(_ outcome: Replay.Outcome) {
            let record = outcome.record
            source = record.key.source.text
            destination = record.targetText
            port = record.portText
            seen = record.key.verdict
            would = outcome.allowed ? .allowed : .denied
            count = record.seen.count
            lastSeen = Timestamp.text(Int64(record.seen.last.nanoseconds / 1_000_000_000))
            reason = outcome.reason
        }

        var cells: [String] { [source, destination, port, String(count), lastSeen, reason] }
    }

    private struct Report: Encodable {
        var records: Int
        var denied: [Row]
        var newlyAllowed: [Row]
    }

    /// - Throws: `Failure` with status 1 if a flow that passed would be denied.
    func run(_ format: Format) throws {
        let outcomes = try replay.outcomes(under: policies, options: options)
        let report = Report(
            records: outcomes.count,
            denied: outcomes.filter { $0.record.passed && !$0.allowed }.map(Row.init),
            newlyAllowed: outcomes.filter { !$0.record.passed && $0.allowed }.map(Row.init))
        switch format {
        case .json: try printJSON(report)
        case .table:
            print("Flows that passed and would be denied:")
            show(report.denied)
            print("\nFlows that were denied and would pass:")
            show(report.newlyAllowed)
        }
        guard report.denied.isEmpty else {
            throw Failure.failed(
                "\(report.denied.count) of \(report.records) records would be denied; allow them in a policy, "
                    + "or be sure that nobody needs them")
        }
    }

    private func show(_ rows: [Row]) {
        var table = Table(["SOURCE", "DESTINATION", "PORT", "COUNT", "LAST SEEN", "REASON"])
        for row in rows { table.add(row.cells) }
        table.print()
    }
}
