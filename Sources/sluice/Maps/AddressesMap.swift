import ArgumentParser
import KernelDatapath
import PolicyModel
import VerdictTables

struct AddressesMap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "addresses", abstract: "The address class of each prefix; the longest match counts.",
        discussion: "Example: sluice maps addresses -o json")

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    private struct Row: MapRow {
        static let header = ["PREFIX", "CLASS"]
        var prefix: String
        var addressClass: String
        var what: String
        var cells: [String] { [prefix, what] }
    }

    func run() throws {
        try exiting {
            let view = try NodeView(node)
            try output.format.show(
                view.tables.tables().addresses.sorted { $0.key < $1.key }.map { prefix, addressClass in
                    Row(
                        prefix: prefix.description, addressClass: addressClass.description,
                        what: view.describe(addressClass))
                })
        }
    }
}
