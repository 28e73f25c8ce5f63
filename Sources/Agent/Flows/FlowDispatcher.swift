package import Flows
package import KernelDatapath
import Synchronization

/// From the kernel's events to all who want to hear of flows.
///
/// It is complete when it is made, before the first event is read: nothing in it changes, so that an event
/// costs the same however many came before. Names are looked up once for all. It runs on the thread
/// that reads the ring buffer: what takes flows must be quick and must not wait for anybody.
package struct FlowDispatcher: Sendable {
    package typealias Sink = @Sendable (Flow) -> Void
    /// What the pod was given the event's destination for.
    package typealias DomainNames = @Sendable (FlowEvent) -> ToldNames

    private let book: SharedFlowEnricher
    private let domainNames: DomainNames
    /// Tells the cluster what happens to its pods; nil where nobody does.
    private let reporter: EventReporter?
    private let sinks: [Sink]
    private let log: FlowLog

    package init(
        _ book: SharedFlowEnricher, log: FlowLog, reporter: EventReporter? = nil,
        domainNames: @escaping DomainNames = { _ in [] }, sinks: [Sink]
    ) {
        self.book = book
        self.log = log
        self.reporter = reporter
        self.domainNames = domainNames
        self.sinks = sinks
    }

    package func receive(_ event: FlowEvent) {
        var (flow, uid) = book.flow(event)
        // To look names up takes several system calls.
        if flow.mayHaveDomainNames { flow.addDomainNames(domainNames(event)) }
        log.record(flow)
        if let uid, let reporter, let denial = Denial(flow, uid: uid) {
            reporter.report(denial, count: Int(flow.count))
        }
        for sink in sinks { sink(flow) }
    }
}

/// The flow book of the node: the agent's actor notes changes in it, the threads that read from the kernel ask it.
package final class SharedFlowEnricher: Sendable {
    private let book: Mutex<FlowEnricher>

    package init(_ book: FlowEnricher) { self.book = Mutex(book) }

    /// Takes what has other names from now on.
    package func apply(_ changes: FlowEnricher.Changes) { book.withLock { $0.apply(changes) } }

    /// A pod was given addresses for a name that none of its rules covers, as a flow: its
    /// question to the resolver, and what will become of the connection.
    func uncovered(_ name: String, _ message: ResolverMessage) -> Flow {
        book.withLock { $0.uncovered(name, message) }
    }

    /// An event with names, and the uid of the pod that the API knows.
    func flow(_ event: FlowEvent) -> (flow: Flow, uid: String?) {
        book.withLock { ($0.flow(event), $0.uid(event.pod)) }
    }
}
