import Glibc
import KernelDatapath
package import KubernetesClient
public import Logging
import PolicyCompiler
package import PolicyModel
import Synchronization
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
    /// The way to the API server; nil where the source is files.
    let transport: (any APITransport)?
    let dispatcher: FlowDispatcher
    /// Nil where none is wanted.
    let auditLog: AuditLog?
    let startedAt: Int

    var node: NodeState
    var finder: CgroupFinder
    var datapath: Datapath
    let resolvers: Resolvers
    var resolverFinder: ResolverFinder
    var cgroupRoot: String
    var generation: UInt32 = 0
    var reportedCondition = SourceCondition()
    var sourceDiagnostics: [Diagnostic] = []
    /// What went wrong in the kernel, by subject of complaint; gone when mended.
    var troubles: [String: String] = [:]
    var attachedTo: [String] = []
    /// What the last attachment that succeeded was made for; nil if it failed.
    var attachedFor: AttachmentWish?
    var degraded: Set<NamespacedName> = []
    var snapshotIsStale = true
    var policiesAreStale = true
    /// Whether a rule may have gained or lost its last peer.
    var peersHaveChanged = false
    /// As last written.
    var reportedPolicies: PolicyReport?

    /// Whether the tables are this agent's to change: not between a start at
    /// which an earlier agent's are in force, and the source's first word.
    private(set) var ownsTables = false
    /// Whether the source has told everything once.
    private(set) var isSynced = false
    /// For the health endpoint, which must not wait for the actor.
    nonisolated let readiness: Mutex<Readiness>
    private(set) var reporter: EventReporter?
    /// Nil where none are wanted.
    nonisolated let metrics: AgentMetrics?
    /// What the earlier agent last said of its tables.
    let inherited: Snapshot?

    /// That there is something to clear up.
    let leftoverSignals: AsyncStream<Void>
    let leftoverSignal: AsyncStream<Void>.Continuation

    let rhythm: Rhythm
    var lastComparison = ContinuousClock.now
    var socketAttempts = SocketAttemptTally()

    /// - Throws: `KernelError` if this node cannot be enforced, or if another
    ///   agent has it; the error says what to do.
    public init(configuration: Configuration, logger: Logger) throws {
        let transport = try configuration.makeTransport()
        try self.init(
            configuration: configuration, logger: logger,
            source: configuration.makeSource(transport, logger: logger), transport: transport, rhythm: Rhythm())
    }

    package init(
        configuration: Configuration, logger: Logger, source: any ClusterSource,
        transport: (any APITransport)? = nil, rhythm: Rhythm
    ) throws {
        self.configuration = configuration
        self.rhythm = rhythm
        (leftoverSignals, leftoverSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.source = source
        self.transport = transport
        self.logger = logger
        let facts = try KernelFacts.read()
        try facts.check()
        lock = try AgentLock(path: "\(configuration.stateDirectory)/agent.lock")
        startedAt = lock.since
        guard let root = configuration.cgroupRoot ?? facts.cgroupRoot else {
            throw AgentError("no cgroup v2 is mounted; mount it, or set cgroupRoot")
        }
        try CgroupTree(root: root).check()
        cgroupRoot = root
        finder = CgroupFinder(root: root, podsCgroup: configuration.podsCgroup)
        node = NodeState(options: configuration.compilerOptions)
        dispatcher = FlowDispatcher(node: configuration.nodeName, logger: logger)
        auditLog = configuration.auditLog.file.map { AuditLog(node: configuration.nodeName, file: $0) }
        readiness = Mutex(Readiness())
        inherited = try? Snapshot.read(from: configuration.stateDirectory)
        datapath = try Datapath(
            pins: configuration.pins, cgroupRoot: root,
            guardingSockets: configuration.sockets.mode != .off)
        resolvers = try Resolvers(pins: configuration.pins)
        resolverFinder = ResolverFinder(services: configuration.names.services)
        metrics = configuration.metrics.enabled
            ? try AgentMetrics(configuration, facts: facts, inherited: inherited) : nil
        if let metrics { datapath.tellDepartures { metrics.traffic.depart($0, $1) } }
    }

    /// Runs until the task is cancelled; enforcement stays in place.
    public func run() async throws {
        logger.info("reading \(configuration.source) for node \(configuration.nodeName)")
        if let obstacle = datapath.socketGuardObstacle {
            logger.warning("sockets below IP are not guarded: \(obstacle)")
        }
        auditLog?.note(.agent(.init(action: .started, detail: "reading \(configuration.source)")))
        finder.scan()
        begin()
        trustResolvers()
        let reporter = configuration.events ? transport.map(makeReporter) : nil
        self.reporter = reporter
        dispatcher.report(to: reporter)
        let history = FlowHistory(capacity: Int(configuration.flows.history))
        let recorder = makeRecorder()
        dispatch(to: history, recorder)
        let events = try EventReader(pins: configuration.pins, receive: dispatcher.receive)
        history.refresh { [weak events] in events?.catchUp() }
        let answers = try makeAnswerReader(history)
        let cgroups = try CgroupWatcher(root: cgroupRoot, layout: finder.layout)
        let batches = try source.batches()
        let cgroupSignals = try cgroups.signals()

        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.follow(batches) }
            group.addTask { for await _ in cgroupSignals { await self.take(cgroups.takeReport()) } }
            group.addTask { await self.clearUpAfterChanges() }
            for service in services(reporter, history) { group.addTask(operation: service) }
            if let recorder { group.addTask { await recorder.run() } }
            group.addTask {
                while (try? await Task.sleep(for: self.rhythm.verification)) != nil { await self.verify() }
            }
            group.addTask {
                var pause = self.rhythm.snapshot
                while (try? await Task.sleep(for: pause)) != nil {
                    pause = await self.rhythm.pause(after: self.saveSnapshot())
                    await self.savePastTraffic()
                }
            }
            group.addTask {
                var pause = self.rhythm.snapshot
                while (try? await Task.sleep(for: pause)) != nil {
                    pause = await self.rhythm.pause(after: self.savePolicies())
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
        answers.stop()
        await recorder?.finish()
        await saveSnapshot()
        await savePolicies()
        await savePastTraffic()
        do {
            try auditLog?.close()
        } catch {
            logger.error("the audit log's end cannot be written: \(error)")
        }
        logger.info("stopped; enforcement stays in place")
    }

    // MARK: What happens

    /// What need not wait for the source, which may be long in answering: guards
    /// and posture where nothing is enforced yet, and the agent's own way to the
    /// API server, which the startup posture would hold for ever.
    private func begin() {
        let steps = node.update(configuration.ownPod.map { [.set(.pod($0))] } ?? [], locate: finder.locate)
        do {
            if try datapath.isFresh() {
                ownsTables = true
                apply(steps)
            } else {
                try datapath.admit(node.pods, levels: node.levels)
            }
        } catch {
            complain("tables", "what is enforced already cannot be changed: \(error)")
        }
    }

    private nonisolated func follow(_ batches: AsyncStream<ClusterBatch>) async {
        var batches = batches.makeAsyncIterator()
        if let first = await batches.next() { await take(first, arrived: .now) }
        // Now, as the next change would have to wait for it: nobody can allocate meanwhile.
        ProcessMemory.giveBackHeap()
        while let batch = await batches.next() { await take(batch, arrived: .now) }
    }

    private func take(_ batch: ClusterBatch, arrived: ContinuousClock.Instant) {
        let begun = ContinuousClock.now
        let steps = node.update(batch.changes, locate: finder.locate)
        metrics?.compiled(since: begun)
        let diagnostics = batch.diagnostics + node.compiler.warnings
        for diagnostic in diagnostics where !sourceDiagnostics.contains(diagnostic) {
            switch diagnostic.severity {
            case .error: logger.error("\(diagnostic)")
            case .warning: logger.warning("\(diagnostic)")
            }
        }
        if sourceDiagnostics != diagnostics { snapshotIsStale = true }
        notePolicies(batch.changes, steps, sourceDiagnostics != diagnostics)
        sourceDiagnostics = diagnostics
        ownsTables = true
        apply(steps)
        audit(batch, steps)
        if !datapath.isPending { metrics?.changed(since: arrived) }
        let isFirst = !isSynced
        isSynced = true
        if isFirst { logger.info("enforcing \(node.pods.count) pods of \(node.subjects.count)") }
        if resolverFinder.take(batch.changes) || isFirst { trustResolvers() }
        reporter?.note(batch.diagnostics, namespaces: Set(node.subjects.keys.map(\.namespace)))
        noteReadiness()
    }

    private func verify() async {
        await lookForCgroups(retrying: true)
        attach()
        trustResolvers()
        noteSocketAttempts()
        policiesAreStale = policiesAreStale || peersHaveChanged
        let interval = rhythm.comparison(entries: node.entryCount)
        if ContinuousClock.now - lastComparison >= interval { compare() }
        noteReadiness()
    }

    /// Repairs what somebody else did to the maps.
    private func compare() {
        lastComparison = .now
        // What failed is pending, and compared by every `apply`.
        guard ownsTables, !datapath.isPending else { return }
        do {
            let result = try datapath.compare(node.tables, configuration.nodeSettings(levels: node.levels))
            tellOfLeftovers()
            guard note(generation: result.generation) else { return }
            metrics?.repaired(result.entries)
            logger.warning(
                "the kernel's maps were changed by somebody else: \(result.entries) entries repaired, generation \(generation)")
        } catch {
            complain("tables", "the old verdicts stay in force: \(error)")
        }
    }
}
