import Glibc
import KernelDatapath
public import Logging
import PolicyCompiler
package import PolicyModel
import SystemPackage
import VerdictTables

/// The agent: from a source's changes to the kernel's tables.
///
/// Start: take the lock, load the programs beside the old ones, wait for all that
/// the source has, compare and repair the tables, and only then attach. So
/// whatever an earlier agent left enforcing goes on enforcing until what replaces
/// it is complete. Where there is no earlier agent's work, the guards and the
/// startup posture are in force at once, whether or not the source answers.
public actor Agent {
    let configuration: Configuration
    let logger: Logger
    private let lock: AgentLock
    let source: any ClusterSource
    let eventLog: EventLog
    let startedAt = time(nil)

    var node: NodeState
    var finder: CgroupFinder
    var datapath: Datapath
    var cgroupRoot: String
    var generation: UInt32 = 0
    var reportedCondition = SourceCondition()
    var sourceDiagnostics: [Diagnostic] = []
    /// What went wrong in the kernel, by subject of complaint; gone when mended.
    var troubles: [String: String] = [:]
    var attachedTo: [String] = []
    var degraded: Set<NamespacedName> = []
    var snapshotIsStale = true

    /// Whether the tables are this agent's to change: not between a start at
    /// which an earlier agent's are in force, and the source's first word.
    private(set) var ownsTables = false
    /// Whether the source has told everything once.
    private var isSynced = false
    /// What the earlier agent last said of its tables.
    let inherited: Snapshot?

    let rhythm: Rhythm
    var lastComparison = ContinuousClock.now

    /// - Throws: `KernelError` if this node cannot be enforced, or if another
    ///   agent has it; the error says what to do.
    public init(configuration: Configuration, logger: Logger) throws {
        try self.init(
            configuration: configuration, logger: logger, source: configuration.makeSource(), rhythm: Rhythm())
    }

    package init(
        configuration: Configuration, logger: Logger, source: any ClusterSource, rhythm: Rhythm
    ) throws {
        self.configuration = configuration
        self.rhythm = rhythm
        self.source = source
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
        inherited = try? Snapshot.read(from: configuration.stateDirectory)
        datapath = try Datapath(pins: Pins(directory: configuration.bpffs), cgroupRoot: root)
    }

    /// Runs until the task is cancelled; enforcement stays in place.
    public func run() async throws {
        logger.info("reading \(configuration.source) for node \(configuration.nodeName)")
        finder.scan()
        guardFreshNode()
        let events = try EventReader(pins: Pins(directory: configuration.bpffs)) { [eventLog] event in
            eventLog.write(event)
        }
        let cgroups = try CgroupWatcher(root: cgroupRoot)
        let batches = try source.batches()
        let cgroupChanges = try cgroups.changes()

        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await batch in batches { await self.take(batch) } }
            group.addTask { for await _ in cgroupChanges { await self.lookForCgroups() } }
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

    /// Nothing is enforced here yet, and the source may be long in answering.
    private func guardFreshNode() {
        do {
            guard try datapath.isFresh() else { return }
            ownsTables = true
            apply(node.update([], locate: finder.locate))
        } catch {
            complain("tables", "whether anything is enforced already cannot be told: \(error)")
        }
    }

    private func take(_ batch: ClusterBatch) {
        let steps = node.update(batch.changes, locate: finder.locate)
        let diagnostics = batch.diagnostics + node.compiler.warnings
        for diagnostic in diagnostics where !sourceDiagnostics.contains(diagnostic) {
            switch diagnostic.severity {
            case .error: logger.error("\(diagnostic)")
            case .warning: logger.warning("\(diagnostic)")
            }
        }
        if sourceDiagnostics != diagnostics { snapshotIsStale = true }
        sourceDiagnostics = diagnostics
        ownsTables = true
        apply(steps)
        if !isSynced {
            isSynced = true
            logger.info("enforcing \(node.pods.count) pods of \(node.subjects.count)")
        }
    }

    /// - Parameter retrying: whether what failed is tried again though nothing changed.
    private func lookForCgroups(retrying: Bool = false) {
        if finder.scan() {
            mended("cgroups")
        } else {
            complain("cgroups", "\(cgroupRoot) cannot be read; what was found before stays in force")
        }
        guard ownsTables else { return }
        let steps = node.relocate(finder.locate)
        // Cgroups come and go often, and trying costs: a full map is written
        // and taken back again.
        if steps.isEmpty && datapath.isPending && !retrying { return attach() }
        apply(steps)
    }

    private func verify() {
        lookForCgroups(retrying: true)
        let interval = rhythm.comparison(entries: node.entryCount)
        if ContinuousClock.now - lastComparison >= interval { compare() }
    }

    /// Repairs what somebody else did to the maps.
    private func compare() {
        lastComparison = .now
        // What failed is pending, and compared by every `apply`.
        guard ownsTables, !datapath.isPending else { return }
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
