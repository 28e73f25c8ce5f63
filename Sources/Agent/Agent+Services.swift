import KubernetesClient
import PolicyModel
import Synchronization

/// What runs beside enforcement: the health endpoint, Events, the taint.
extension Agent {
    nonisolated func makeReporter(_ transport: any APITransport) -> EventReporter {
        EventReporter(transport, node: configuration.nodeName) { await self.tell("events", $0) }
    }

    /// Has all who want to hear of flows hear of them.
    func dispatch(to history: FlowHistory, _ recorder: FlowRecorder?) {
        dispatcher.add(history.note)
        if let recorder { dispatcher.add(recorder.note) }
        if let auditLog { dispatcher.add { auditLog.note($0) } }
        if let metrics { dispatcher.add(metrics.flows.note) }
    }

    /// Each runs until its task is cancelled.
    func services(_ reporter: EventReporter?, _ history: FlowHistory) -> [@Sendable () async -> Void] {
        var services: [@Sendable () async -> Void] = []
        if let address = configuration.healthAddress {
            let heartbeat = Heartbeat { await self.noteReadiness() }
            var routes = HTTPRoutes.health(heartbeat) { self.readiness.withLock { $0 } }
            if metrics != nil { routes = routes.merging(.metrics { self.scrape($0) }) }
            let endpoint = HTTPEndpoint(address, routes: routes) { await self.tell("health endpoint", $0) }
            services += [{ await heartbeat.run() }, { await endpoint.run() }]
        }
        if let path = configuration.socketPath {
            let server = FlowServer(FlowSocket(path), history) { await self.tell("socket", $0) }
            services.append { await server.run() }
        }
        services.append { await self.settleDown() }
        if let auditLog {
            services.append { await auditLog.run { await self.tell("audit log", $0) } }
        }
        if let reporter { services.append { await reporter.run() } }
        if configuration.removeNotReadyTaint, let transport {
            let remover = TaintRemover(
                transport, node: configuration.nodeName, isReady: { self.readiness.withLock { $0.isReady } }
            ) { await self.tell("taint", $0) }
            services.append { await remover.run() }
        }
        return services
    }

    /// Gives back the code that only the start needed, once that is over.
    private nonisolated func settleDown() async {
        repeat {
            guard (try? await Task.sleep(for: rhythm.verification)) != nil else { return }
        } while !readiness.withLock { $0.isReady }
        ProcessMemory.giveBackCode()
    }

    /// - Parameter trouble: nil if there is none any more.
    func tell(_ subject: String, _ trouble: String?) {
        if let trouble { complain(subject, trouble) } else { mended(subject) }
    }

    func noteReadiness() {
        var readiness = Readiness()
        readiness[.synced] = isSynced ? nil : waitingFor
        readiness[.attached] = attachedFor != nil && !attachedTo.isEmpty
            ? nil : troubles["attachment"] ?? troubles["pods"] ?? "not yet"
        readiness[.verified] = ownsTables && !datapath.isPending ? nil : troubles["tables"] ?? "not yet"
        self.readiness.withLock { $0 = readiness }
        publishFigures()
    }

    private var waitingFor: String {
        let waiting = source.condition.feeds.filter { $0.state == .waiting }
        let names = waiting.map { feed in feed.name + (feed.problem.map { " (\($0))" } ?? "") }
        return names.isEmpty ? "not yet" : "waiting for \(names.joined(separator: ", "))"
    }
}
