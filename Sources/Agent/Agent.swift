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
    private let configuration: Configuration
    private let logger: Logger
    private let lock: AgentLock
    private let source: ManifestSource
    private let eventLog: EventLog
    private let startedAt = time(nil)

    private var node: NodeState
    private var finder: CgroupFinder
    private var datapath: Datapath
    private var cgroupRoot: String
    private var generation: UInt32 = 0
    private var sourceDiagnostics: [Diagnostic] = []
    /// What went wrong in the kernel, by subject of complaint; gone when mended.
    private var troubles: [String: String] = [:]
    private var attachedTo: [String] = []
    private var degraded: Set<NamespacedName> = []
    private var snapshotIsStale = true

    private let rhythm: Rhythm
    private var lastComparison = ContinuousClock.now

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
        let cgroups = try CgroupWatcher(root: cgroupRoot)
        let batches = try source.batches()
        let cgroupChanges = try cgroups.changes()
        logger.info("enforcing \(node.pods.count) pods of \(node.subjects.count)")

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

    private func take(_ batch: ManifestBatch) {
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

    /// - Parameter retrying: whether what failed is tried again though nothing changed.
    private func lookForCgroups(retrying: Bool = false) {
        if finder.scan() {
            mended("cgroups")
        } else {
            complain("cgroups", "\(cgroupRoot) cannot be read; what was found before stays in force")
        }
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

    // MARK: To the kernel

    private func apply(_ steps: [TableChanges]) {
        let settings = configuration.nodeSettings(levels: node.levels)
        do {
            let result = try datapath.apply(steps, desired: { node.tables }, settings: settings)
            mended("tables")
            degraded = []
            if result.generation != generation {
                logger.info("\(result.entries) entries changed, generation \(result.generation)")
                generation = result.generation
                snapshotIsStale = true
            }
        } catch {
            degraded.formUnion(concerned(by: steps.reduce(TableChanges()) { $0.followed(by: $1) }))
            complain("tables", "the old verdicts stay in force: \(error)")
        }
        attach()
        if !steps.isEmpty { nameThings() }
    }

    /// The pods whose verdicts may have been meant to change.
    private func concerned(by changes: TableChanges) -> Set<NamespacedName> {
        let sets = Set(changes.rules.keys.map(\.policySet))
        return Set(
            node.subjects.values.filter { subject in
                !changes.addresses.isEmpty || sets.contains(subject.policySet)
                    || node.cgroups[subject.key].map { changes.pods[$0.id] != nil } ?? false
            }.map(\.key))
    }

    private func attach() {
        // A first filling that failed leaves tables that deny: nothing is
        // attached to them, and what an older agent attached stays as it is.
        guard generation > 0 else { return }
        let wanted = attachmentPaths()
        do {
            for line in try datapath.attach(to: wanted) { logger.info("attachment: \(line)") }
            mended("attachment")
        } catch {
            complain("attachment", "\(error)")
        }
        if wanted != attachedTo {
            attachedTo = wanted
            snapshotIsStale = true
        }
        if wanted.isEmpty {
            complain(
                "pods",
                "no cgroup \(configuration.podsCgroup ?? "kubepods") below \(cgroupRoot) and no pod with a cgroup of its own: nothing is enforced yet")
        } else {
            mended("pods")
        }
    }

    /// The cgroups of all pods, and the pods' own cgroups that lie elsewhere.
    private func attachmentPaths() -> [String] {
        var paths: [String] = []
        for path in (finder.podsCgroups + node.cgroups.values.map(\.path)).sorted()
        where !paths.contains(where: { path == $0 || path.hasPrefix("\($0)/") }) {
            paths.append(path)
        }
        return paths
    }

    // MARK: To people

    private func complain(_ subject: String, _ message: String) {
        guard troubles[subject] != message else { return }
        troubles[subject] = message
        snapshotIsStale = true
        logger.error("\(subject): \(message)")
    }

    private func mended(_ subject: String) {
        if troubles.removeValue(forKey: subject) != nil {
            snapshotIsStale = true
            logger.info("\(subject): all is well again")
        }
    }

    private func nameThings() {
        eventLog.use(
            EventLog.Book(pods: node.owners.mapValues(\.description), causes: node.compiler.knownCauses))
        snapshotIsStale = true
        if node.lodgers.isEmpty {
            mended("shared cgroups")
        } else {
            let pairs = node.lodgers.sorted { $0.key < $1.key }.map { "\($0.key) is in the cgroup of \($0.value)" }
            complain("shared cgroups", "\(pairs.joined(separator: ", ")), whose rules apply")
        }
    }

    /// - Returns: how long it took.
    @discardableResult
    private func saveSnapshot() async -> Duration {
        guard snapshotIsStale else { return .zero }
        let begun = ContinuousClock.now
        snapshotIsStale = false
        let (snapshot, directory) = (snapshot(), configuration.stateDirectory)
        do {
            // Not here: a change of policy is not to wait for a file.
            try await Task.detached { try snapshot.write(to: directory) }.value
            mended("snapshot")
        } catch {
            complain("snapshot", "\(directory) cannot be written: \(error)")
            snapshotIsStale = true
        }
        return ContinuousClock.now - begun
    }

    private func snapshot() -> Snapshot {
        let pods = node.subjects.values.sorted { $0.key < $1.key }.map { subject in
            let cgroup = node.lodgers[subject.key] == nil ? node.cgroups[subject.key] : nil
            return Snapshot.Pod(
                pod: subject.key.description, uid: subject.uid,
                state: cgroup == nil ? .waiting : degraded.contains(subject.key) ? .degraded : .enforced,
                cgroup: cgroup?.path, cgroupID: cgroup?.id, policySet: subject.policySet,
                policies: subject.policies.map(\.description),
                addresses: subject.addresses.map(\.description), hostNetwork: subject.hostNetwork,
                audit: subject.flags.contains(.audit), exempt: subject.exempt)
        }
        let problems =
            sourceDiagnostics.map { Snapshot.Problem(severity: $0.severity.rawValue, message: "\($0)") }
            + troubles.sorted { $0.key < $1.key }.map {
                Snapshot.Problem(severity: "error", message: "\($0.key): \($0.value)")
            }
        return Snapshot(
            agent: getpid(), startedAt: startedAt, writtenAt: time(nil), node: configuration.nodeName,
            source: configuration.source, cgroupRoot: cgroupRoot, generation: generation, enforcement: configuration.enforcement,
            startupPosture: configuration.startupPosture, metadataGuard: configuration.metadata.mode,
            failFast: configuration.failFast, attachedTo: attachedTo, pods: pods,
            names: node.compiler.names, problems: problems, pending: datapath.isPending)
    }
}

/// Something that keeps the agent from starting.
public struct AgentError: Error, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}
