import AgentAPI
public import AgentConfiguration
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
    /// What the kernel's numbers and addresses are called.
    let flowEnricher: SharedFlowEnricher
    let flowLog: FlowLog
    /// Nil where none is wanted.
    let auditLog: AuditLog?
    let startedAt: Int

    var node: NodeState
    var finder: CgroupFinder
    var datapath: Datapath
    let resolvers: Resolvers
    /// In the kernel: `podAddresses`.
    var ownAddresses: OwnAddresses
    var resolverFinder: ResolverFinder
    var cgroupRoot: String
    var generation: UInt32 = 0
    var reportedCondition = SourceCondition()
    var sourceDiagnostics: [Diagnostic] = []
    /// What went wrong in the kernel, by subject of complaint; gone when mended.
    var conditions: [String: String] = [:]
    var attachedTo: [String] = []
    /// What is known of each of these.
    var evidence: [String: AttachmentEvidence] = [:]
    var otherPrograms: [OtherProgram] = []
    /// Trees of pods that are left alone, as they seem to be another node's.
    var foreignTrees: Set<String> = []
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
    /// Whether the source has told once all that a cluster cannot do without.
    private(set) var isSynced = false
    /// What it has not told, and a cluster may do without: see `ClusterBatch`.
    var awaited: [String] = []
    /// For the health endpoint, which must not wait for the actor.
    nonisolated let readiness: Mutex<Readiness>
    /// What stands in the way of being ready, as of the last look.
    package nonisolated var obstacles: Readiness { readiness.withLock { $0 } }
    private(set) var reporter: EventReporter?
    /// Nil where none are wanted.
    nonisolated let metrics: AgentMetrics?
    /// What the earlier agent last said of its tables.
    let inherited: Snapshot?
    /// How it ended.
    let previousRun: PreviousRun
    /// Why long tasks that should run do not, by name.
    var endedTasks: [String: String] = [:]
    /// Nil before the agent runs.
    private(set) var events: EventReader?
    private(set) var answers: DNSEventReader?

    /// That there is something to clear up.
    let leftoverSignals: AsyncStream<Void>
    let leftoverSignal: AsyncStream<Void>.Continuation
    /// That something big is under way.
    let unfinishedSignals: AsyncStream<Void>
    let unfinishedSignal: AsyncStream<Void>.Continuation

    /// What was found of the network namespaces of pods, by the pods' cgroups.
    var podAddresses: [CgroupID: PodAddressReader.Finding] = [:]
    /// Which one runs the agent; nil if that is not known, or does not matter.
    var daemonSet: String?
    /// Whether what is in force is meant for a time without agents.
    var hasEndedForGood = false

    let rhythm: Intervals
    var lastComparison = ContinuousClock.now
    var socketAttempts = SocketAttemptTally()

    /// - Throws: `KernelError` if this node cannot be enforced, or if another
    ///   agent has it; the error says what to do.
    public init(configuration: Configuration, logger: Logger) throws {
        let transport = try configuration.makeTransport()
        try self.init(
            configuration: configuration, logger: logger,
            source: configuration.makeSource(transport, logger: logger), transport: transport, rhythm: Intervals())
    }

    package init(
        configuration: Configuration, logger: Logger, source: any ClusterSource,
        transport: (any APITransport)? = nil, rhythm: Intervals
    ) throws {
        self.configuration = configuration
        self.rhythm = rhythm
        (leftoverSignals, leftoverSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (unfinishedSignals, unfinishedSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.source = source
        self.transport = transport
        self.logger = logger
        let facts = try KernelFacts.read()
        try facts.check()
        lock = try AgentLock(path: "\(configuration.stateDirectory)/agent.lock")
        startedAt = lock.since
        if let trouble = PrivateDirectory(configuration.stateDirectory).secure() { logger.warning("\(trouble)") }
        previousRun = Self.beginRun(
            in: configuration.stateDirectory, startedAt: lock.since, logFormat: configuration.logFormat)
        guard let root = configuration.cgroupRoot ?? facts.cgroupRoot else {
            throw AgentError("no cgroup v2 is mounted; mount it, or set cgroupRoot")
        }
        try CgroupTree(root: root).check()
        cgroupRoot = root
        finder = CgroupFinder(root: root, podsCgroup: configuration.podsCgroup)
        node = NodeState(options: configuration.compilerOptions)
        auditLog = configuration.auditLog.file.map { AuditLog(node: configuration.nodeName, file: $0) }
        readiness = Mutex(Readiness())
        inherited = try? Snapshot.read(from: configuration.stateDirectory)
        var book = FlowEnricher(node: configuration.nodeName)
        if let inherited { book.apply(FlowEnricher.Changes(inheriting: inherited)) }
        flowEnricher = SharedFlowEnricher(book)
        flowLog = FlowLog(logger)
        datapath = try Datapath(
            pins: configuration.pins, cgroupRoot: root,
            guardingSockets: configuration.sockets.mode != .off)
        if let level = try datapath.rootLevel() { finder.rootLevel = level }
        resolvers = try Resolvers(pins: configuration.pins)
        ownAddresses = try OwnAddresses(pins: configuration.pins)
        try FailSlowDestinations(pins: configuration.pins).set(Set(configuration.failFastExcept))
        resolverFinder = ResolverFinder(services: configuration.names.services)
        metrics =
            configuration.metrics.enabled
            ? try AgentMetrics(configuration, facts: facts, inherited: inherited) : nil
        if let metrics { datapath.onRemoval { metrics.traffic.remove($0, $1) } }
    }

    /// Runs until the task is cancelled; enforcement stays in place.
    public func run() async throws {
        logger.info("reading \(configuration.source) for node \(configuration.nodeName)")
        if let obstacle = datapath.socketGuardObstacle {
            logger.warning("sockets below IP are not guarded: \(obstacle)")
        }
        reportPreviousRun()
        auditLog?.record(.agent(.init(action: .started, detail: "reading \(configuration.source)")))
        finder.scan()
        begin()
        trustResolvers()
        let reporter = configuration.events ? transport.map(makeReporter) : nil
        self.reporter = reporter
        let history = FlowHistory(capacity: Int(configuration.flows.history))
        let recorder = makeRecorder()
        let dispatcher = try makeDispatcher(history, recorder, reporter)
        let events = try EventReader(pins: configuration.pins, isHeld: true, receive: dispatcher.receive)
        self.events = events
        let answers = try makeDNSEventReader(history)
        self.answers = answers
        let cgroups = try CgroupWatcher(root: cgroupRoot, layout: finder.layout)
        var tasks = mainTasks(cgroups, events)
        tasks += services(reporter, history, recorder, events)

        await withTaskCancellationHandler {
            await Supervisor { await self.taskEnded($0, $1) }.run(tasks)
        } onCancel: {
            source.stop()
            cgroups.stop()
        }
        events.stop()
        answers.stop()
        await endForGood()
        await recorder?.finish()
        await saveSnapshot()
        await savePolicies()
        await savePastTraffic()
        do {
            try auditLog?.close()
        } catch {
            logger.error("the audit log's end cannot be written: \(error)")
        }
        await saveRun(hasStopped: true)
        logger.info("stopped; enforcement stays in place")
    }

    /// What enforcement itself is made of.
    private func mainTasks(_ cgroups: CgroupWatcher, _ events: EventReader) -> [LongTask] {
        [
            LongTask("source") { try await self.follow(self.source.batches()) },
            LongTask("watcher of cgroups") {
                for await _ in try cgroups.signals() { await self.apply(cgroups.drainReport()) }
            },
            LongTask("deferred") { await self.clearUpAfterChanges() },
            LongTask("big policies") { await self.carryOnAfterChanges() },
            LongTask("verification") {
                while (try? await Task.sleep(for: self.rhythm.verification)) != nil { await self.verify() }
            },
            LongTask("snapshot") {
                var pause = self.rhythm.snapshot
                while (try? await Task.sleep(for: pause)) != nil {
                    pause = await self.rhythm.pause(after: self.saveSnapshot())
                    await self.savePastTraffic()
                }
            },
            LongTask("policy report") {
                var pause = self.rhythm.snapshot
                while (try? await Task.sleep(for: pause)) != nil {
                    pause = await self.rhythm.pause(after: self.savePolicies())
                }
            },
            LongTask("run record") { await self.recordRun() },
            // Where the source is silent, the events are told with the names that there are.
            LongTask("first events", ends: true) {
                if (try? await Task.sleep(for: self.rhythm.eventsWait)) != nil { events.begin() }
            },
        ]
    }

    // MARK: What happens

    /// What need not wait for the source, which may be long in answering: guards
    /// and posture where nothing is enforced yet, and the agent's own way to the
    /// API server, which the startup posture would hold for ever.
    func begin() {
        let steps = node.update(configuration.ownPod.map { [.set(.pod($0))] } ?? [], locate: finder.locate)
        do {
            if try datapath.isFresh() {
                ownsTables = true
                apply(steps)
            } else {
                try datapath.admit(node.pods, levels: node.levels)
            }
        } catch {
            setCondition("tables", "what is enforced already cannot be changed: \(error)")
        }
    }

    private nonisolated func follow(_ batches: AsyncStream<ClusterBatch>) async {
        var batches = batches.makeAsyncIterator()
        if let first = await batches.next() { await apply(first, arrived: .now) }
        // Now, as the next change would have to wait for it: nobody can allocate meanwhile.
        ProcessMemory.giveBackHeap()
        while let batch = await batches.next() { await apply(batch, arrived: .now) }
    }

    private func apply(_ batch: ClusterBatch, arrived: ContinuousClock.Instant) {
        let begun = ContinuousClock.now
        setAwaited(awaited: batch.awaited)
        var steps = node.update(batch.changes, locate: finder.locate)
        if awaited.isEmpty {
            let admitted = node.openGate(locate: finder.locate)
            if !admitted.isEmpty { steps.append(admitted) }
        }
        metrics?.compiled(since: begun)
        let diagnostics = batch.diagnostics + node.compiler.warnings
        for diagnostic in diagnostics where !sourceDiagnostics.contains(diagnostic) {
            switch diagnostic.severity {
            case .error: logger.error("\(diagnostic)")
            case .warning: logger.warning("\(diagnostic)")
            }
        }
        if sourceDiagnostics != diagnostics { snapshotIsStale = true }
        reportPolicies(batch.changes, steps, sourceDiagnostics != diagnostics)
        sourceDiagnostics = diagnostics
        if mustKeepEarlierTables {
            _ = resolverFinder.apply(batch.changes)
            trustResolvers()
            return updateReadiness()
        }
        ownsTables = true
        apply(steps)
        audit(batch, steps)
        if !datapath.isPending { metrics?.changed(since: arrived) }
        let isFirst = !isSynced
        isSynced = true
        // What is there at the start is enforced as a whole, or not yet.
        if isFirst { node.workInParts(of: Self.partSize) }
        if isFirst {
            logger.info("enforcing \(node.pods.count) pods of \(node.subjects.values.count { state(of: $0) != nil })")
        }
        if resolverFinder.apply(batch.changes) || isFirst { trustResolvers() }
        reporter?.report(unenforceable: node.unenforceable.map { ($0, node.subjects[$0]?.uid ?? "", $1) })
        reporter?.report(diagnostics, namespaces: Set(node.subjects.keys.map(\.namespace)))
        // Not before: they are of pods and causes that have names now.
        events?.begin()
        updateReadiness()
    }

    private func verify() async {
        await lookForCgroups(retrying: true)
        attach()
        lookForOtherPrograms()
        trustResolvers()
        await refreshAddresses()
        reportSocketAttempts()
        checkReaders()
        flowLog.endMinute()
        reportAwaited()
        policiesAreStale = policiesAreStale || peersHaveChanged
        let interval = rhythm.comparison(entries: node.entryCount)
        if ContinuousClock.now - lastComparison >= interval { compare() }
        updateReadiness()
    }

    /// Repairs what somebody else did to the maps.
    private func compare() {
        lastComparison = .now
        // What failed is pending, and compared by every `apply`.
        guard ownsTables, !datapath.isPending else { return }
        do {
            let result = try datapath.compare(node.tables, configuration.nodeSettings(levels: node.levels))
            reportDeferredRemovals()
            guard advance(generation: result.generation) else { return }
            metrics?.repaired(result.entries)
            logger.warning(
                "the kernel's maps were changed by somebody else: \(result.entries) entries repaired, generation \(generation)"
            )
        } catch {
            setCondition("tables", "the old verdicts stay in force: \(error)")
        }
    }
}
