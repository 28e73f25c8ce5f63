import FoundationEssentials
import KernelDatapath
import PacketLab

/// What `sluice status` tells of a node.
struct NodeStatus: Decodable {
    struct Feed: Decodable {
        var name: String
        var state: String
        var objects: Int
    }
    struct Pods: Decodable { var exempt: [String] }

    var well: Bool
    var problems: [String]
    var feeds: [Feed]
    var pods: Pods

    /// Everything that the API tells is known and followed.
    var isCurrent: Bool { !feeds.isEmpty && feeds.allSatisfy { $0.state == "current" } }
    /// Nothing that the API tells is followed.
    var isStale: Bool { !feeds.isEmpty && feeds.allSatisfy { $0.state == "stale" } }

    func objects(_ feed: String) -> Int { feeds.first { $0.name == feed }?.objects ?? 0 }
}

extension ClusterNode {
    /// Asks the tool.
    func status() throws -> NodeStatus {
        let (_, output) = try Command.run(
            Executables.path("sluice"),
            [
                "status", "--output=json", "--bpffs=\(agent.pins.directory)",
                "--state-dir=\(agent.directory)/state",
            ])
        guard let status = try? JSONDecoder().decode(NodeStatus.self, from: Data(output.utf8)) else {
            throw LabError("sluice status", output)
        }
        return status
    }

    func awaitStatus(_ what: String, _ condition: (NodeStatus) throws -> Bool) throws {
        var last: NodeStatus?
        do {
            // Everything that backs off does so for half a minute at most.
            try waitUntil("sluice status says \(what)", seconds: 60, everyMs: 100) {
                last = try status()
                return try last.map(condition) ?? false
            }
        } catch {
            throw LabError("sluice status", "\(last.map { "\($0)" } ?? "none")\n\(error)")
        }
    }

    /// Waits until the agent says that what it knows is old.
    func awaitStale() throws { try awaitStatus("that every feed is stale", \.isStale) }

    /// Waits until the agent says that it follows the API and that nothing is wrong.
    func awaitWell() throws { try awaitStatus("that all is well") { $0.isCurrent && $0.well } }
}
