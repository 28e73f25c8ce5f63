import ArgumentParser
import KernelDatapath
import PolicyModel
import VerdictTables

struct PortsMap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ports", abstract: "The verdicts of each port set; the longest match counts.",
        discussion: "Example: sluice maps ports -o json")

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    private struct Row: MapRow {
        static let header = ["PORT SET", "PORTS", "ACTION", "CAUSE"]
        var portSet: String
        var ports: String
        var action: String
        var reason: String
        var cells: [String] { [portSet, ports, action, reason] }
    }

    func run() throws {
        try exiting {
            let view = try NodeView(node)
            try output.format.show(
                view.tables.tables().ports
                    .sorted { ($0.key.portSet, $0.key.prefix) < ($1.key.portSet, $1.key.prefix) }
                    .map { key, decision in
                        Row(
                            portSet: key.portSet.description, ports: key.prefix.text,
                            action: decision.action.word, reason: view.describe(decision.cause))
                    })
        }
    }
}

extension PortPrefix {
    /// For people: `TCP 80`, `UDP 1024-2047`, `every protocol`.
    var text: String {
        guard length > 0 else { return "every protocol" }
        let name = TransportProtocol(rawValue: protocolNumber)?.name ?? "protocol \(protocolNumber)"
        if ports.count == 1 { return "\(name) \(port)" }
        return ports.count == 65536 ? "\(name) every port" : "\(name) \(ports.lowerBound)-\(ports.upperBound)"
    }
}
