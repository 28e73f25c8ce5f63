import ArgumentParser

/// `-o table|wide|json`.
enum WideFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    /// More columns; lines are as long as they are.
    case wide
    case json
}

struct WideFormatOption: ParsableArguments {
    @Option(name: [.customShort("o"), .customLong("output")], help: "The output format.")
    var format = WideFormat.table
}
