import AgentAPI
import AgentConfiguration
import ArgumentParser

struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Checks whether this node's agent works, for probes.",
        discussion: """
            Asks the agent on the socket in its state directory, which only root can
            create.
            Without --live it checks whether the agent is ready, as /readyz does.

            Exit status 1: the agent is not ready, or does not answer.

            Examples:
              sluice health
              sluice health --live
            """)

    @Flag(help: "Check only whether the agent makes progress, as /healthz does.")
    var live = false

    @Option(help: "The directory of the agent's socket.")
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
