// The agent as a release with another number of the layout would be: the same code, whose maps and
// programs are pinned apart from this build's.
// usage: other-layout NUMBER CONFIGURATION
import Agent
import AgentConfiguration
import FoundationEssentials
import Logging

@main
struct OtherLayout {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 3, let layout = UInt32(words[1]) else {
            throw InvalidOptions("usage: other-layout NUMBER CONFIGURATION")
        }
        let text = try Data(contentsOf: URL(filePath: words[2]))
        var (configuration, diagnostics) = ConfigurationFile.read(Array(text), file: words[2])
        guard diagnostics.isEmpty else { throw InvalidOptions("\(diagnostics)") }
        configuration.layout = layout
        let logger = AgentLog.logger(level: .info, format: .text)
        try await Agent(configuration: configuration, logger: logger).run()
    }
}

private struct InvalidOptions: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
