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
        EventReporter(transport, node: configuration.nodeName) { await self.setCondition("events", $0) }
    }

    /// All who want to hear of flows, complete before the first event is read.
    func makeDispatcher(
        _ history: FlowHistory, _ recorder: FlowRecorder?, _ reporter: EventReporter?
    ) throws -> FlowDispatcher {
        var sinks: [FlowDispatcher.Sink] = [history.record]
        if let recorder { sinks.append(recorder.record) }
        if let auditLog { sinks.append { auditLog.record($0) } }
        if let metrics { sinks.append(metrics.flows.record) }
        return FlowDispatcher(
            flowEnricher, log: flowLog, reporter: reporter, domainNames: try domainNames(), sinks: sinks)
    }

    func services(
        _ reporter: EventReporter?, _ history: FlowHistory, _ recorder: FlowRecorder?, _ events: EventReader
    ) -> [LongTask] {
        var services = healthServices()
        if let path = configuration.socketPath {
            let server = FlowServer(FlowSocket(path), history, catchUp: { events.catchUp() }) {
                await self.setCondition("socket", $0)
            }
            services.append(LongTask("socket for flows") { await server.run() })
        }
        if let recorder { services.append(LongTask("recorder of flows") { await recorder.run() }) }
        services.append(LongTask("settling", ends: true) { await self.releaseStartupMemory() })
        services.append(LongTask("remover of old replies") { await self.removeOldReplies() })
        services.append(LongTask("keeper of names", ends: true) { await self.keepNames() })
        services.append(LongTask("finder of the DaemonSet", ends: true) { await self.findDaemonSet() })
        if let auditLog {
            services.append(
                LongTask("audit log's writer") { await auditLog.run { await self.setCondition("audit log", $0) } })
        }
        if let reporter { services.append(LongTask("reporter of events") { await reporter.run() }) }
        if configuration.removeNotReadyTaint, let transport {
            let remover = TaintRemover(
                transport, node: configuration.nodeName, isReady: { self.readiness.withLock { $0.isReady } },
                report: { await self.setCondition("taint", $0) }, removed: { await self.logEvent($0) })
            services.append(LongTask("remover of the taint") { await remover.run() })
        }
        return services
    }

    /// On the address for metrics and people, and on a socket in the state directory for probes: nobody else
    /// can answer there.
    private func healthServices() -> [LongTask] {
        let heartbeat = Heartbeat { await self.updateReadiness() }
        let routes = HTTPRoutes.health(heartbeat) { self.readiness.withLock { $0 } }
        let socket = HTTPEndpoint(.socket(FlowSocket(configuration.healthSocketPath)), routes: routes) {
            await self.setCondition("health socket", $0)
        }
        var services = [
            LongTask("heartbeat") { await heartbeat.run() }, LongTask("health socket's server") { await socket.run() },
        ]
        if let address = configuration.healthAddress {
            let routes = metrics == nil ? routes : routes.merging(.metrics { self.scrape($0) })
            let endpoint = HTTPEndpoint(.address(address), routes: routes) {
                await self.setCondition("health endpoint", $0)
            }
            services.append(LongTask("health endpoint's server") { await endpoint.run() })
        }
        return services
    }

    /// Gives back the code that only the start needed, once that is over.
    private nonisolated func releaseStartupMemory() async {
        repeat {
            guard (try? await Task.sleep(for: rhythm.verification)) != nil else { return }
        } while !readiness.withLock { $0.isReady }
        ProcessMemory.dropStartupPages()
    }

    /// - Parameter trouble: nil if there is none any more.
    func setCondition(_ subject: String, _ trouble: String?) {
        if let trouble { setCondition(subject, trouble) } else { clearCondition(subject) }
    }

    /// To the log, of something that went as it should.
    private func logEvent(_ event: String) { logger.info("\(event)") }

    func updateReadiness() {
        var readiness = Readiness()
        readiness[.synced] = isSynced && awaited.isEmpty ? nil : waitingFor
        readiness[.attached] =
            attachedFor != nil && !attachedTo.isEmpty
            ? missingEvidence : conditions["attachment"] ?? conditions["pods"] ?? "not yet"
        readiness[.verified] = ownsTables && !datapath.isPending ? nil : conditions["tables"] ?? "not yet"
        let idle = idleTasks.sorted { $0.key < $1.key }
        readiness[.running] = idle.isEmpty ? nil : idle.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
        self.readiness.withLock { $0 = readiness }
        reportMissingRights()
        publishFigures()
    }

    private func reportMissingRights() {
        guard let reporter else { return }
        reporter.report(
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
