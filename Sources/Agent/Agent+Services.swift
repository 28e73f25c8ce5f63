import AgentAPI
import AgentConfiguration
import KernelDatapath
import KubernetesClient
import Logging
import PolicyModel
import Synchronization

/// What runs beside enforcement: the health endpoint, Events, the taint.
extension Agent {
    nonisolated func makeReporter(_ transport: any APITransport) -> EventReporter {
        EventReporter(transport, node: configuration.nodeName) { await self.tell("events", $0) }
    }

    /// All who want to hear of flows, complete before the first event is read.
    func makeDispatcher(
        _ history: FlowHistory, _ recorder: FlowRecorder?, _ reporter: EventReporter?
    ) throws -> FlowDispatcher {
        var sinks: [FlowDispatcher.Sink] = [history.note]
        if let recorder { sinks.append(recorder.note) }
        if let auditLog { sinks.append { auditLog.note($0) } }
        if let metrics { sinks.append(metrics.flows.note) }
        return FlowDispatcher(
            flowEnricher, log: flowLog, reporter: reporter, domainNames: try domainNames(), sinks: sinks)
    }

    func services(
        _ reporter: EventReporter?, _ history: FlowHistory, _ recorder: FlowRecorder?, _ events: EventReader
    ) -> [LongTask] {
        var services = healthServices()
        if let path = configuration.socketPath {
            let server = FlowServer(FlowSocket(path), history, catchUp: { events.catchUp() }) {
                await self.tell("socket", $0)
            }
            services.append(LongTask("socket for flows") { await server.run() })
        }
        if let recorder { services.append(LongTask("recorder of flows") { await recorder.run() }) }
        services.append(LongTask("settling", ends: true) { await self.settleDown() })
        services.append(LongTask("remover of old replies") { await self.removeOldReplies() })
        services.append(LongTask("keeper of names", ends: true) { await self.keepNames() })
        services.append(LongTask("finder of the DaemonSet", ends: true) { await self.findDaemonSet() })
        if let auditLog {
            services.append(LongTask("audit log's writer") { await auditLog.run { await self.tell("audit log", $0) } })
        }
        if let reporter { services.append(LongTask("reporter of events") { await reporter.run() }) }
        if configuration.removeNotReadyTaint, let transport {
            let remover = TaintRemover(
                transport, node: configuration.nodeName, isReady: { self.readiness.withLock { $0.isReady } },
                report: { await self.tell("taint", $0) }, removed: { await self.note($0) })
            services.append(LongTask("remover of the taint") { await remover.run() })
        }
        return services
    }

    /// On the address for metrics and people, and on a socket in the state directory for probes: nobody else
    /// can answer there.
    private func healthServices() -> [LongTask] {
        let heartbeat = Heartbeat { await self.noteReadiness() }
        let routes = HTTPRoutes.health(heartbeat) { self.readiness.withLock { $0 } }
        let socket = HTTPEndpoint(.socket(FlowSocket(configuration.healthSocketPath)), routes: routes) {
            await self.tell("health socket", $0)
        }
        var services = [
            LongTask("heartbeat") { await heartbeat.run() }, LongTask("health socket's server") { await socket.run() },
        ]
        if let address = configuration.healthAddress {
            let routes = metrics == nil ? routes : routes.merging(.metrics { self.scrape($0) })
            let endpoint = HTTPEndpoint(.address(address), routes: routes) { await self.tell("health endpoint", $0) }
            services.append(LongTask("health endpoint's server") { await endpoint.run() })
        }
        return services
    }

    /// Gives back the code that only the start needed, once that is over.
    private nonisolated func settleDown() async {
        repeat {
            guard (try? await Task.sleep(for: rhythm.verification)) != nil else { return }
        } while !readiness.withLock { $0.isReady }
        ProcessMemory.dropStartupPages()
    }

    /// - Parameter trouble: nil if there is none any more.
    func tell(_ subject: String, _ trouble: String?) {
        if let trouble { complain(subject, trouble) } else { mended(subject) }
    }

    /// To the log, of something that went as it should.
    private func note(_ event: String) { logger.info("\(event)") }

    func noteReadiness() {
        var readiness = Readiness()
        readiness[.synced] = isSynced && awaited.isEmpty ? nil : waitingFor
        readiness[.attached] =
            attachedFor != nil && !attachedTo.isEmpty
            ? missingEvidence : troubles["attachment"] ?? troubles["pods"] ?? "not yet"
        readiness[.verified] = ownsTables && !datapath.isPending ? nil : troubles["tables"] ?? "not yet"
        let idle = idleTasks.sorted { $0.key < $1.key }
        readiness[.running] = idle.isEmpty ? nil : idle.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
        self.readiness.withLock { $0 = readiness }
        tellOfMissingRights()
        publishFigures()
    }

    private func tellOfMissingRights() {
        guard let reporter else { return }
        reporter.note(
            missingRights: source.condition.feeds.compactMap { feed in
                feed.missingRight.map { "the agent may not read \(feed.name): grant its service account \($0)" }
            })
    }

    private var waitingFor: String {
        let waiting = source.condition.feeds.filter { $0.state == .waiting }
        let names = waiting.map { feed in feed.name + (feed.problem.map { " (\($0))" } ?? "") }
        return names.isEmpty ? "not yet" : "waiting for \(names.joined(separator: ", "))"
    }
}
