import Agent
import AgentAPI
import AgentConfiguration
import ArgumentParser
import Dispatch
import Glibc
import Logging
import SystemPackage

/// The agent, one per node.
@main
struct Sluiced: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluiced",
        abstract: "Enforces what this node's pods may connect to.",
        discussion: """
            Watches a Kubernetes API or a directory of manifests, compiles the egress side
            of NetworkPolicy and the metadata guard into the kernel, and keeps it so.
            Enforcement outlives the agent: a stop or a crash changes nothing. SIGTERM or
            SIGINT ends it.

            Options override the configuration file; without either the defaults enforce.

            Exit status 1: the node cannot be enforced, or another agent has it; 2: the
            configuration cannot be used; 64: an option is unknown or its value is none.

            Examples:
              sluiced --source /etc/sluice/manifests --node-name node-1
              sluiced --kubeconfig ~/.kube/config --node-name node-1
              sluiced --once --pods-cgroup kubepods.slice
            """,
        version: "sluiced \(BuildInfo.version)")

    @OptionGroup var options: Options

    /// On the main thread, before there is another.
    @MainActor static func main() async {
        ProcessMemory.limitArenas()
        await main(nil)
    }

    func run() async throws {
        let configuration: Configuration
        let logger: Logger
        do {
            configuration = try options.configuration()
            logger = try makeLogger(configuration)
        } catch let error as InvalidOptions {
            _ = try? FileDescriptor.standardError.writeAll("sluiced: \(error)\n".utf8)
            throw ExitCode(2)
        }
        do {
            if options.once {
                return try await untilSignalled {
                    try await Agent.guardOnce(configuration: configuration, logger: logger)
                }
            }
            let agent = try Agent(configuration: configuration, logger: logger)
            try await untilSignalled { try await agent.run() }
            if configuration.detachOnExit {
                for line in try Cleanup.everything(pinnedAt: configuration.bpffs) { logger.info("removed \(line)") }
            }
        } catch {
            // A line each: the log writes a line feed within a message as an escape.
            for line in "\(error)".split(separator: "\n") { logger.critical("\(line)") }
            throw ExitCode.failure
        }
    }

    /// Runs the body until SIGTERM or SIGINT cancels it.
    private func untilSignalled(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task { try await body() }
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { task.cancel() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        try await task.value
    }
}
