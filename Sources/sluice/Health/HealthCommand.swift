import AgentAPI
import AgentConfiguration
import ArgumentParser

struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Whether this node's agent works: for probes.",
        discussion: """
            Asks the agent on the socket in its state directory, where nobody else can answer.
            Without --live it is well when it is ready: what /readyz says.

            Exit status 1: it is not well, or cannot be asked.

            Examples:
              sluice health
              sluice health --live
            """)

    @Flag(help: "Well as soon as the agent makes progress: what /healthz says.")
    var live = false

    @Option(help: "Where the agent keeps its socket.")
    var stateDir = "/run/sluice"

    func run() throws {
        try exiting {
            let answer: HealthClient.Answer
            do {
                answer = try HealthClient.ask(live ? "/healthz" : "/readyz", in: stateDir)
            } catch {
                throw Failure.failed("the agent cannot be asked in \(stateDir): \(error)")
            }
            print(answer.text, terminator: "")
            if !answer.isWell { throw ExitCode.failure }
        }
    }
}
