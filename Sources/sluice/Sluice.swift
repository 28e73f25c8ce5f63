import AgentAPI
import ArgumentParser
import SystemPackage

/// The command-line tool.
@main
struct Sluice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "Shows which destinations pods may reach, and why.",
        discussion: """
            simulate and lint need neither root nor a kernel; observe and graph ask the
            agent; the other commands read the maps that sluiced pinned, with or without a
            running agent.

            Examples:
              sluice simulate --objects cluster.yaml --pod shop/web --to 10.0.0.7:5432
              sluice explain shop/web --to 10.0.0.7:5432
              sluice lint --objects cluster.yaml
              sluice learn -n shop
              sluice status
            """,
        version: "sluice \(BuildInfo.version)",
        subcommands: [
            SimulateCommand.self, LintCommand.self, ExplainCommand.self, ObserveCommand.self, TopCommand.self,
            GraphCommand.self, LearnCommand.self, PodsCommand.self, PoliciesCommand.self, MapsCommand.self,
            StatusCommand.self, HealthCommand.self, CleanupCommand.self, CompletionCommand.self,
        ])

    /// What is asked wrongly is bad input like a bad file: status 2.
    static func main() async {
        do {
            var arguments = Array(CommandLine.arguments.dropFirst())
            if KubectlPlugin.isInvoked {
                try exiting {
                    let plugin = try KubectlPlugin(arguments)
                    guard let local = try plugin.argumentsHere() else { throw ExitCode(try plugin.run()) }
                    arguments = local
                }
            }
            var command = try parseAsRoot(Negation.resolved(arguments[...]))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            _ = try? FileDescriptor.standardError.writeAll("\(fullMessage(for: error))\n".utf8)
            exit(withError: ExitCode(2))
        }
    }
}
