import ArgumentParser

/// The command-line tool.
@main
struct Sluice: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "Asks what pods may connect to, and why.",
        discussion: """
            simulate needs neither root nor a kernel; the other commands read the maps
            that sluiced pinned, whether or not it runs.
            """,
        subcommands: [
            SimulateCommand.self, ExplainCommand.self, MapsCommand.self, StatusCommand.self,
            CleanupCommand.self,
        ])
}
