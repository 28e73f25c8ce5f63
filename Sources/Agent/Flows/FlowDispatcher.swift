package import Flows
package import KernelDatapath
package import Logging
import Synchronization

/// From the kernel's events to all who want to hear of flows.
///
/// Names are looked up once for all of them. It runs on the thread that reads the
/// ring buffer: what takes flows must be quick and must not wait for anybody.
package final class FlowDispatcher: Sendable {
    package typealias Sink = @Sendable (Flow) -> Void

    private let book: Mutex<FlowBook>
    private let sinks = Mutex<[Sink]>([])
    private let reporter = Mutex<EventReporter?>(nil)
    private let names = Mutex<(@Sendable (FlowEvent) -> [String])?>(nil)
    private let logger: Logger

    package init(node: String, logger: Logger) {
        book = Mutex(FlowBook(node: node))
        self.logger = logger
    }

    /// Has every flow from now on go there too.
    package func add(_ sink: @escaping Sink) { sinks.withLock { $0.append(sink) } }

    /// Has the cluster told of what happens to its pods.
    func report(to reporter: EventReporter?) { self.reporter.withLock { $0 = reporter } }

    /// Has destinations called by the names that the pod was given for them.
    package func know(_ names: @escaping @Sendable (FlowEvent) -> [String]) { self.names.withLock { $0 = names } }

    /// Takes what has other names from now on.
    package func note(_ changes: FlowBook.Changes) { book.withLock { $0.take(changes) } }

    /// A pod was given addresses for a name that none of its rules covers, as a flow: its
    /// question to the resolver, and what will become of the connection.
    func uncovered(_ name: String, _ message: ResolverMessage) -> Flow {
        book.withLock { $0.uncovered(name, message) }
    }

    package func receive(_ event: FlowEvent) {
        var (flow, uid) = book.withLock { ($0.flow(event), $0.uid(event.pod)) }
        // To look names up takes several system calls.
        if flow.mayHaveDomainNames, let names = names.withLock({ $0 }) { flow.addDomainNames(names(event)) }
        if flow.verdict != .allowed { logger.notice("\(flow.logLine)") }
        if let uid, let reporter = reporter.withLock({ $0 }), let denial = Denial(flow, uid: uid) {
            reporter.note(denial, count: Int(flow.count))
        }
        for sink in sinks.withLock({ $0 }) { sink(flow) }
    }
}
