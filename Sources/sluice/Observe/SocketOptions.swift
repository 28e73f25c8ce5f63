import AgentAPI
import AgentConfiguration
import ArgumentParser
import Flows
import Glibc

/// Where the agent answers.
struct SocketOptions: ParsableArguments {
    @Option(help: "The agent's state directory.")
    var stateDir = "/run/sluice"

    @Option(help: "The agent's socket. (default: agent.sock in the state directory)")
    var socket: String?

    /// Connects to the agent and asks.
    ///
    /// - Throws: `Failure`, which says what to do.
    func ask(_ request: FlowRequest) throws -> FlowClient {
        let path = socket ?? "\(stateDir)/\(Configuration.socketName)"
        do {
            return try FlowClient(path, request)
        } catch .nobodyThere {
            throw Failure.failed("no agent answers at \(path): start sluiced, or say --state-dir or --socket" + records)
        } catch {
            throw Failure.failed("\(error)")
        }
    }

    /// What an agent that is gone has left.
    private var records: String {
        let files = [Configuration.recordDirectory(stateDirectory: stateDir), stateDir]
            .map { "\($0)/\(RecordFile.fileName)" }
        guard let file = files.first(where: { access($0, F_OK) == 0 }) else { return "" }
        return "; what it recorded before is in \(file): see sluice learn"
    }
}

extension FlowClient {
    /// The next answer.
    /// - Throws: `Failure`.
    func answer() throws -> FlowAnswer? {
        do {
            return try next()
        } catch {
            throw Failure.failed("\(error)")
        }
    }
}
