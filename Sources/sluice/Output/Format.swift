import ArgumentParser
import FoundationEssentials
import PolicyModel

/// `-o table|json`.
enum Format: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}

struct FormatOption: ParsableArguments {
    @Option(name: [.customShort("o"), .customLong("output")], help: "The output format.")
    var format = Format.table
}

/// A value as JSON with sorted keys.
func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

func printJSON(_ value: some Encodable) throws { Swift.print(try json(value)) }

/// Prints text for people, in which only line feeds are left of what moves a cursor. It stands before the
/// standard library's in all of the tool; what may hold a line feed of others' is made `printable` before.
func print(_ text: String, terminator: String = "\n") {
    Swift.print(text.printableLines, terminator: terminator)
}
