import AgentAPI
import TestHarness
import Testing

@Suite struct HelpTests {
    static let commands = [
        [], ["simulate"], ["lint"], ["explain"], ["observe"], ["top"], ["graph"], ["learn"], ["pods"], ["policies"],
        ["status"], ["cleanup"], ["completion"], ["maps"], ["maps", "pods"], ["maps", "addresses"],
        ["maps", "rules"], ["maps", "ports"], ["maps", "replies"], ["maps", "config"], ["maps", "pod"],
    ]

    @Test("every command shows an example", arguments: commands)
    func everyCommandShowsAnExample(_ command: [String]) async throws {
        let help = try await run(command + ["--help"])
        #expect(help.status == 0 && help.err == "")
        #expect(help.out.contains("Example"))
        #expect(
            help.out.contains("  sluice \(command.joined(separator: " "))")
                || help.out.contains("Example: sluice \(command.joined(separator: " "))"))
        #expect(help.out.contains("USAGE:"))
    }

    @Test(
        "G: no line of a help text is broken on a terminal of 80 columns, least of all an example", arguments: commands)
    func helpFits(_ command: [String]) async throws {
        func discussion(_ columns: Int) async throws -> [Substring] {
            let help = try await run(command + ["--help"], columns: columns)
            // The first paragraph is the abstract, one sentence that may be broken.
            let lines = help.out.split(separator: "\n", omittingEmptySubsequences: false)
            return Array(lines.drop { !$0.isEmpty }.prefix { !$0.hasPrefix("USAGE:") })
        }
        let narrow = try await discussion(80)
        #expect(try await narrow == discussion(1000))
        #expect(narrow.allSatisfy { $0.count <= 80 })
    }

    @Test("the tool and the agent say which build they are, and are of one", arguments: ["sluice", "sluiced"])
    func version(program: String) async throws {
        let said = try await Programs.run(Programs.path(program), ["--version"])
        #expect(said.status == 0 && said.out == "\(program) \(BuildInfo.version)\n" && said.err == "")
        #expect(!BuildInfo.version.isEmpty)
    }

    @Test("every command is listed") func everyCommandIsListed() async throws {
        let help = try await run(["--help"]).out + run(["maps", "--help"]).out
        for command in Self.commands.compactMap(\.last) { #expect(help.contains("  \(command)")) }
    }

    @Test("unknown commands are bad input") func unknownCommandsAreBadInput() async throws {
        let ended = try await run(["simulat"])
        #expect(ended.status == 2 && ended.err.contains("simulat"))
    }
}
