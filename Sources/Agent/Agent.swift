import Glibc
import KernelDatapath
public import Logging
import ManifestSource
import PolicyCompiler
import PolicyModel
import SystemPackage
import VerdictTables

/// The agent: from a source's changes to the kernel's tables.
///
/// Start: take the lock, load the programs beside the old ones, read the source,
/// compare and repair the tables, and only then attach. So whatever an earlier
/// agent left enforcing goes on enforcing until what replaces it is complete.
public actor Agent {
    let configuration: Configuration
    let logger: Logger
    private let lock: AgentLock
    private let source: ManifestSource
    let eventLog: EventLog
    let startedAt = time(nil)

    var node: NodeState
    var finder: CgroupFinder
    var datapath: Datapath
    var cgroupRoot: String
    var generation: UInt32 = 0
    var sourceDiagnostics: [Diagnostic] = []
    /// What went wrong in the kernel, by subject of complaint; gone when mended.
    var troubles: [String: String] = [:]
    var attachedTo: [String] = []
    /// What the last attachment that succeeded was made for; nil if it failed.
    var attachedFor: AttachmentWish?
    var degraded: Set<NamespacedName> = []
    var snapshotIsStale = true

    let rhythm: Rhythm
    var lastComparison = ContinuousClock.now

    /// - Throws: `KernelError` if this node cannot be enforced, or if another
    ///   agent has it; the error says what to do.
    public init(configuration: Configuration, logger: Logger) throws {
        try self.init(configuration: configuration, logger: logger, rhythm: Rhythm())
    }

    package init(configuration: Configuration, logger: Logger, rhythm: Rhythm) throws {
        self.configuration = configuration
        self.rhythm = rhythm
        self.logger = logger
        let facts = try KernelFacts.read()
        try facts.check()
        lock = try AgentLock(path: "\(configuration.stateDirectory)/agent.lock")
        guard let root = configuration.cgroupRoot ?? facts.cgroupRoot else {
            throw AgentError("no cgroup v2 is mounted; mount it, or set cgroupRoot")
        }
        try CgroupTree(root: root).check()
        cgroupRoot = root
        finder = CgroupFinder(root: root, podsCgroup: configuration.podsCgroup)
        node = NodeState(options: configuration.compilerOptions)
        eventLog = EventLog(logger: logger)
        datapath = try Datapath(pins: Pins(directory: configuration.bpffs), cgroupRoot: root)
        source = try ManifestSource(
            path: FilePath(configuration.source),
            options: ManifestSource.Options(stateDirectory: FilePath(configuration.stateDirectory)))
    }

    /// Runs until the task is cancelled; enforcement stays in place.
    public func run() async throws {
        logger.info("reading \(configuration.source) for node \(configuration.nodeName)")
        finder.scan()
        take(source.load())
        let events = try EventReader(pins: Pins(directory: configuration.bpffs)) { [eventLog] event in
            eventLog.write(event)
        }
        let cgroups = try CgroupWatcher(root: cgroupRoot, layout: finder.layout)
        let batches = try source.batches()
        let cgroupSignals = try cgroups.signals()
        logger.info("enforcing \(node.pods.count) pods of \(node.subjects.count)")

        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await batch in batches { await self.take(batch) } }
            group.addTask { for await _ in cgroupSignals { await self.take(cgroups.takeReport()) } }
            group.addTask {
                while (try? await Task.sleep(for: self.rhythm.verification)) != nil { await self.verify() }
            }
            group.addTask {
                var pause = self.rhythm.snapshot
                while (try? await Task.sleep(for: pause)) != nil {
                    pause = await self.rhythm.pause(after: self.saveSnapshot())
                }
            }
            await withTaskCancellationHandler {
                for await _ in group {}
            } onCancel: {
                source.stop()
                cgroups.stop()
            }
        }
        events.stop()
        await saveSnapshot()
        logger.info("stopped; enforcement stays in place")
    }

    // MARK: What happens

    private func take(_ batch: ClusterBatch) {
        for diagnostic in batch.diagnostics where !sourceDiagnostics.contains(diagnostic) {
            switch diagnostic.severity {
            case .error: logger.error("\(diagnostic)")
            case .warning: logger.warning("\(diagnostic)")
            }
        }
        if sourceDiagnostics != batch.diagnostics { snapshotIsStale = true }
        sourceDiagnostics = batch.diagnostics
        apply(node.update(batch.changes, locate: finder.locate))
    }

    private func verify() async {
        await lookForCgroups(retrying: true)
        attach()
        let interval = rhythm.comparison(entries: node.entryCount)
        if ContinuousClock.now - lastComparison >= interval { compare() }
    }

    /// Repairs what somebody else did to the maps.
    private func compare() {
        lastComparison = .now
        // What failed is pending, and compared by every `apply`.
        guard !datapath.isPending else { return }
        do {
            let result = try datapath.compare(node.tables, configuration.nodeSettings(levels: node.levels))
            guard result.generation != generation else { return }
            generation = result.generation
            snapshotIsStale = true
            logger.warning(
                "the kernel's maps were changed by somebody else: \(result.entries) entries repaired, generation \(generation)")
        } catch {
            complain("tables", "the old verdicts stay in force: \(error)")
        }
    }
}
