import AgentAPI
public import AgentConfiguration
public import Logging
import Glibc
import PolicyModel

/// Guards and startup posture, before there is anybody who could tell of pods.
extension Agent {
    /// Has the first process of any pod meet the guards and the startup posture: attaches to the cgroup of
    /// all pods, and ends. No source is asked. What an agent has put in force here stays as it is.
    ///
    /// Where `podsCgroup` names the cgroup, it is made, as kubelet would make it; else this waits until it is
    /// there, and attaches at once. Cancelling ends the wait.
    public static func guardOnce(configuration: Configuration, logger: Logger) async throws {
        let agent = try Agent(configuration: configuration, logger: logger, source: NoSource(), rhythm: Intervals())
        try await agent.guardOnce()
    }

    private func guardOnce() async throws {
        guard try datapath.isFresh() else {
            return logger.info("what an agent has put in force here stays as it is")
        }
        try makePodsCgroup()
        finder.scan()
        begin()
        if let problem = conditions["tables"] { throw AgentError(problem) }
        if attachedTo.isEmpty { try await attachOnceThere() }
        if let problem = conditions["attachment"] { throw AgentError(problem) }
        await saveSnapshot()
        guard !attachedTo.isEmpty else { return }
        logger.info("guards and startup posture are in force on \(attachedTo.joined(separator: ", "))")
    }

    private func attachOnceThere() async throws {
        let watcher = try CgroupWatcher(root: cgroupRoot, layout: finder.layout)
        let signals = try watcher.signals()
        defer { watcher.stop() }
        logger.info("waiting for the cgroup of all pods")
        for await _ in signals {
            await apply(watcher.drainReport())
            if !attachedTo.isEmpty { return }
        }
    }

    private func makePodsCgroup() throws {
        guard configuration.podsCgroup != nil, let podsCgroup = finder.layout.podsCgroup else { return }
        var path = cgroupRoot
        for part in podsCgroup.split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
                throw AgentError("the cgroup \(path) cannot be made: \(String(cString: strerror(errno)))")
            }
        }
    }
}

/// Nobody tells of anything.
private struct NoSource: ClusterSource {
    func batches() -> AsyncStream<ClusterBatch> { AsyncStream { _ in } }
    func stop() {}
    var condition: SourceCondition { SourceCondition() }
}
