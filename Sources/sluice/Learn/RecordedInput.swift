import AgentAPI
import AgentConfiguration
import Flows
import KernelDatapath
import PolicyModel
import SystemPackage

/// Recorded flows, from the agent's directory or from files.
struct RecordedInput {
    private(set) var flows = RecordedFlows(records: FlowRecords(limit: .max))

    /// - Parameters:
    ///   - files: files of recorded flows; none: the agent's own.
    /// - Throws: `Failure` naming the file and what to do.
    init(files: [String], directory: String, stateDirectory: String) throws {
        if files.isEmpty { try readAgents(directory, stateDirectory) }
        for file in files {
            if file == "-" {
                add(RecordFile.parse(try InputFile.read(file)), from: "standard input")
            } else if try !read(file) {
                throw Failure.badInput("\(file): there is no such file")
            }
        }
    }

    private mutating func readAgents(_ directory: String, _ stateDirectory: String) throws {
        let agent = AgentLock.runningHolder(path: "\(stateDirectory)/agent.lock")
        // Where the agent cannot make the directory, it records beside its snapshot.
        let places = [directory, stateDirectory].map { "\($0)/\(RecordFile.fileName)" }
        guard let place = try places.first(where: { try read($0) }) else {
            throw Failure.failed(
                "no flows are recorded at \(places[0])"
                    + (agent == nil
                        ? ": start sluiced, or say --directory or --from"
                        : " yet: sluiced writes them every 15 seconds; see learn.enabled and learn.directory in its "
                            + "configuration"))
        }
        if agent == nil { complain("sluiced does not run; these are the flows that it last recorded at \(place)") }
    }

    /// - Returns: whether there is such a file.
    private mutating func read(_ path: String) throws -> Bool {
        do {
            guard let content = try RecordFile.read(path) else { return false }
            add(content, from: path)
            return true
        } catch {
            throw Failure.badInput("\(path): \(error)")
        }
    }

    private mutating func add(_ content: (flows: RecordedFlows, broken: RecordFile.Broken?), from name: String) {
        flows.merge(content.flows)
        if let broken = content.broken {
            complain("\(name): \(broken); \(content.flows.records.count) records could be read")
        }
    }
}
