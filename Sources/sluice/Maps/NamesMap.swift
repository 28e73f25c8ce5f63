import ArgumentParser
import KernelDatapath
import VerdictTables

struct NamesMap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "names",
        abstract: "The domain names in rules, and the policies that contain them; the longest match counts.",
        discussion: "Example: sluice maps names -o json")

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    private struct Row: MapRow {
        static let header = ["NAME", "FOR", "ACTION", "CAUSE"]
        var name: String
        var nameClass: String
        var policySet: String
        var policies: String
        var privateAnswers: Bool
        var action: String
        var reason: String

        var cells: [String] { [name, policies, action + (privateAnswers ? ", also private answers" : ""), reason] }
    }

    func run() throws {
        try exiting {
            let view = try NodeView(node)
            let tables = try view.tables.tables()
            let rules = Dictionary(grouping: tables.rules.filter { $0.key.addressClass.nameClass != nil }) {
                $0.key.addressClass.nameClass
            }
            let rows = tables.names.sorted { $0.key < $1.key }.flatMap { prefix, nameClass in
                (rules[nameClass] ?? []).filter { !$0.key.addressClass.isPrivateAnswer }
                    .map { row(prefix, nameClass, $0.key, $0.value, tables, view) }
                    .sorted { ($0.policies, $0.policySet) < ($1.policies, $1.policySet) }
            }
            try output.format.show(rows)
        }
    }

    private func row(
        _ prefix: NamePrefix, _ nameClass: NameClassID, _ key: RuleKey, _ rule: Rule, _ tables: VerdictTables,
        _ view: NodeView
    ) -> Row {
        let (action, causes): (String, Set<CauseID>) =
            switch rule {
            case .always(let decision): (decision.action.word, [decision.cause])
            case .byPort(let portSet, _, _):
                ("by port", Set(tables.ports.filter { $0.key.portSet == portSet }.map(\.value.cause)))
            }
        return Row(
            name: prefix.description, nameClass: nameClass.description, policySet: key.policySet.description,
            policies: view.describe(key.policySet),
            privateAnswers: tables.rules[RuleKey(key.policySet, nameClass, privateAnswer: true)] != nil, action: action,
            reason: causes.map(view.describe).sorted().joined(separator: "; "))
    }
}
