import ArgumentParser
import Flows
import FoundationEssentials
import Glibc
import PolicyModel

/// `-o` of commands that print flows.
enum FlowFormat: String, ExpressibleByArgument, CaseIterable {
    /// A line each, for people.
    case compact
    case table
    /// A flow a line.
    case json
    /// As Hubble's client prints it: the flow in an envelope, a line each.
    case jsonpb
}

/// Flows as text.
struct FlowText {
    var isColoured = false
    private let encoder: JSONEncoder

    init(isColoured: Bool = false) {
        self.isColoured = isColoured
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    private struct Envelope: Encodable {
        var flow: Flow
        var node_name: String
        var time: FlowTime
    }

    func json(_ flow: Flow) throws -> String { String(decoding: try encoder.encode(flow), as: UTF8.self) }

    func jsonpb(_ flow: Flow) throws -> String {
        let envelope = Envelope(flow: flow, node_name: flow.node, time: flow.time)
        return String(decoding: try encoder.encode(envelope), as: UTF8.self)
    }

    /// `Nov 21 14:38:16.123 DENIED shop/web-1 (Deployment web) -> shop/db-0:5432 TCP
    /// by psql[4711] ×3: isolated by policy shop/web; none of its rules allows it`
    func compact(_ flow: Flow) -> String {
        "\(Self.clock(flow.time)) \(coloured(flow.verdict)) \(Self.rest(flow).printable)"
    }

    private static func rest(_ flow: Flow) -> String {
        var line = flow.sourceText
        if let workload = flow.source.workload { line += " (\(workload))" }
        line += " -> \(flow.destinationNameAndPort) \(flow.transport.name)"
        if let process = flow.process { line += " by \(process.text)" }
        if flow.count > 1 { line += " ×\(flow.count)" }
        return line + ": \(flow.reason)"
    }

    static let header = ["TIME", "VERDICT", "FROM", "TO", "PROTOCOL", "PROCESS", "COUNT", "REASON"]

    static func cells(_ flow: Flow) -> [String] {
        [
            clock(flow.time), flow.verdict.rawValue, flow.sourceText, flow.destinationNameAndPort,
            flow.transport.name, flow.process?.text ?? "-", String(flow.count), flow.reason,
        ]
    }

    /// Local time, as people read clocks.
    static func clock(_ time: FlowTime) -> String {
        var seconds = time_t(time.nanoseconds / 1_000_000_000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let milliseconds = String(time.nanoseconds / 1_000_000 % 1000)
        return
            "\(months[Int(parts.tm_mon)]) \(two(parts.tm_mday)) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
            + "." + String(repeating: "0", count: 3 - milliseconds.utf8.count) + milliseconds
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private func coloured(_ verdict: FlowVerdict) -> String {
        guard isColoured else { return verdict.rawValue }
        // Select Graphic Rendition (ECMA-48, 8.3.117).
        let colour =
            switch verdict {
            case .allowed: 32
            case .denied: 31
            case .audit: 33
            case .held: 35
            }
        return "\u{1b}[\(colour)m\(verdict.rawValue)\u{1b}[0m"
    }
}

extension Flow.Process {
    fileprivate var text: String { "\(name)[\(pid)]" }
}
