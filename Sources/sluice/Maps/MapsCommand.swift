import ArgumentParser

struct MapsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maps",
        abstract: "Prints the contents of the kernel's maps, with names.",
        discussion: """
            Examples:
              sluice maps pods
              sluice maps pod shop/web
              sluice maps rules -o json
            """,
        subcommands: [
            PodsMap.self, AddressesMap.self, NamesMap.self, LearnedMap.self, RulesMap.self, PortsMap.self,
            RepliesMap.self,
            ConfigMap.self, PodAllowMap.self,
        ])
}

/// Rows that can be printed as a table or as JSON.
protocol MapRow: Encodable {
    static var header: [String] { get }
    var cells: [String] { get }
}

extension Format {
    func show<Row: MapRow>(_ rows: [Row]) throws {
        switch self {
        case .json: try printJSON(rows)
        case .table:
            var table = Table(Row.header)
            for row in rows { table.add(row.cells) }
            table.print()
        }
    }
}
