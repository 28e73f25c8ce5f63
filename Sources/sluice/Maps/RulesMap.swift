import ArgumentParser
import KernelDatapath
import PolicyModel
import VerdictTables

struct RulesMap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "The verdict of each policy set for each address class.",
        discussion: "Example: sluice maps rules -o json")

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    private struct Row: MapRow {
        static let header = ["POLICIES", "DESTINATION", "ACTION", "CAUSE"]
        var policySet: String
        var policies: String
        var addressClass: String
        var destination: String
        var action: String
        @EncodesNil var portSet: String?
        var reason: String
        var cells: [String] { [policies, destination, action, reason] }
    }

    func run() throws {
        try exiting {
            let view = try NodeView(node)
            let rows = try view.tables.tables().rules.map { key, rule in
                let (action, portSet, reason) =
                    switch rule {
                    case .always(let decision):
                        (decision.action.word, nil as PortSetID?, view.describe(decision.cause))
                    case .byPort(let portSet, let otherwise, _):
                        ("by port", portSet, "port set \(portSet); else \(view.describe(otherwise))")
                    }
                return Row(
                    policySet: key.policySet.description, policies: view.describe(key.policySet),
                    addressClass: key.addressClass.description,
                    destination: view.describe(key.addressClass), action: action,
                    portSet: portSet?.description, reason: reason)
            }
            try output.format.show(
                rows.sorted { ($0.policies, $0.destination) < ($1.policies, $1.destination) })
        }
    }
}
