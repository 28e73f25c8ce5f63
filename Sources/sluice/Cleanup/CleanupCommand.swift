import AgentAPI
import AgentConfiguration
import ArgumentParser
import KernelDatapath

struct CleanupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cleanup",
        abstract: "Ends all enforcement: detaches the programs and removes all pins.",
        discussion: """
            Refuses while the agent runs; stop the agent first. A second run does nothing.

            Example:
              sluice cleanup
            """)

    @OptionGroup var node: NodeOptions

    func run() throws {
        try exiting {
            if let agent = AgentLock.runningHolder(path: "\(node.stateDir)/agent.lock") {
                throw Failure.failed("sluiced runs as \(agent.text) and would put all back; stop it first")
            }
            let removed = try Cleanup.everything(pinnedAt: node.bpffs)
            for line in removed { print("removed \(line)") }
            if removed.isEmpty { print("nothing was there") }
        }
    }
}
