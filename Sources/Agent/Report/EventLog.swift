import KernelDatapath
import Logging
import PolicyModel
import Synchronization
import VerdictTables

/// Writes events to the log, with names in place of identifiers.
final class EventLog: Sendable {
    struct Book {
        var pods: [CgroupID: String] = [:]
        var causes: [CauseID: Cause] = [:]
    }

    private let logger: Logger
    private let book = Mutex(Book())

    init(logger: Logger) { self.logger = logger }

    func use(_ new: Book) { book.withLock { $0 = new } }

    func write(_ event: FlowEvent) {
        let (pod, cause) = book.withLock { ($0.pods[event.pod], $0.causes[event.cause]) }
        let destination = event.destination.isIPv4 ? "\(event.destination)" : "[\(event.destination)]"
        let protocolName =
            TransportProtocol(rawValue: event.protocolNumber)?.name
            ?? (event.protocolNumber == 1 || event.protocolNumber == 58 ? "ICMP" : "protocol \(event.protocolNumber)")
        var line = "\(event.verdict == .audit ? "AUDIT" : "DENIED") \(pod ?? "cgroup \(event.pod.rawValue)")"
        line += " to \(destination)" + (event.port > 0 ? ":\(event.port)" : "") + " \(protocolName)"
        if let process = event.process, process > 0 { line += " by \(event.command)[\(process)]" }
        if event.count > 1 { line += " \(event.count) times" }
        line += ": \(cause?.reason ?? (event.guarded ? "guarded" : "denied"))"
        logger.notice("\(line)")
    }
}
