import AgentAPI
import AgentConfiguration
import ArgumentParser
import KernelDatapath
import PolicyModel
import VerdictTables

struct PodAllowMap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pod",
        abstract: "All destinations that one pod may reach: addresses, ports, and the policy.",
        discussion: "Example: sluice maps pod shop/web")

    @Argument(help: "The pod, as namespace/name.")
    var pod: String

    @Flag(help: "Also show entries that deny, in a table; JSON always has them.")
    var all = false

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    private struct Row: MapRow {
        static let header = ["DESTINATION", "ADDRESSES", "PORTS", "ACTION", "CAUSE"]
        var destination: String
        var addresses: [String]
        var ports: String
        var action: String
        var reason: String

        var cells: [String] {
            let some = addresses.prefix(3).joined(separator: " ")
            let more = addresses.count > 3 ? " and \(addresses.count - 3) more" : ""
            return [destination, addresses.isEmpty ? "-" : some + more, ports, action, reason]
        }
    }

    func run() throws {
        try exiting {
            guard let key = NamespacedName(pod) else {
                throw Failure.badInput("\(pod): write namespace/name")
            }
            let view = try NodeView(node)
            guard let cgroup = try view.pod(key).cgroupID, let entry = try view.tables.pod(cgroup) else {
                throw Failure.failed("the kernel has no entry for \(key); see sluice status")
            }
            let tables = try view.tables.tables()
            let prefixes = Dictionary(grouping: tables.addresses.keys.sorted()) { tables.addresses[$0] }
            let names = Dictionary(grouping: tables.names.keys.sorted()) { tables.names[$0] }
            let rules = tables.rules.filter { $0.key.policySet == entry.policySet }
                .sorted { left, right in
                    // The set's default comes last, as it is asked last.
                    left.key.addressClass == .other
                        ? false
                        : right.key.addressClass == .other
                            || view.describe(left.key.addressClass) < view.describe(right.key.addressClass)
                }
            var rows: [Row] = []
            for (key, rule) in rules {
                let addresses =
                    key.addressClass.nameClass.map { (names[$0] ?? []).map(\.description) }
                    ?? (prefixes[key.addressClass] ?? []).map(\.description)
                for (ports, decision) in says(rule, tables) {
                    rows.append(
                        Row(
                            destination: view.describe(key.addressClass), addresses: addresses, ports: ports,
                            action: decision.action.word, reason: view.describe(decision.cause)))
                }
            }
            // What is allowed fits a screen; the guards alone would fill it.
            let shown =
                all || output.format == .json
                ? rows : rows.filter { $0.action == Action.allow.word || $0.action == Action.audit.word }
            try output.format.show(shown)
            if shown.count < rows.count {
                print("\(rows.count - shown.count) more entries deny; --all shows them")
            }
        }
    }

    private func says(_ rule: Rule, _ tables: VerdictTables) -> [(String, Decision)] {
        switch rule {
        case .always(let decision): return [("all", decision)]
        case .byPort(let portSet, let otherwise, _):
            let entries = tables.ports.filter { $0.key.portSet == portSet }
                .sorted { ($0.key.prefix.length, $0.key.prefix) > ($1.key.prefix.length, $1.key.prefix) }
                .map { ($0.key.prefix.text, $0.value) }
            return entries.contains { $0.0 == PortPrefix.everything.text }
                ? entries : entries + [("all else", Decision(.deny, otherwise))]
        }
    }
}
