package import KernelDatapath
package import Logging
import Synchronization
package import VerdictTables

/// Writes events to the log, with names in place of identifiers.
package final class EventLog: Sendable {
    package struct Book: Sendable {
        package var pods: [CgroupID: String] = [:]
        package var causes: [CauseID: Cause] = [:]

        package init(pods: [CgroupID: String] = [:], causes: [CauseID: Cause] = [:]) {
            self.pods = pods
            self.causes = causes
        }

        /// One event in words.
        package func line(_ event: FlowEvent) -> String {
            var line = "\(event.verdict.word) \(pods[event.pod] ?? "cgroup \(event.pod.rawValue)")"
            line += " to \(event.destinationText) \(event.protocolName)"
            if let process = event.process { line += " by \(event.command)[\(process)]" }
            if event.count > 1 { line += " \(event.count) times" }
            return line + ": \(event.reason(causes[event.cause]))"
        }
    }

    private let logger: Logger
    private let book = Mutex(Book())

    package init(logger: Logger) { self.logger = logger }

    package func use(_ new: Book) { book.withLock { $0 = new } }

    package func write(_ event: FlowEvent) {
        let line = book.withLock { $0 }.line(event)
        logger.notice("\(line)")
    }
}

extension FlowVerdict {
    fileprivate var word: String {
        switch self {
        case .denied: "DENIED"
        case .allowed: "ALLOWED"
        case .audit: "AUDIT"
        case .held: "HELD"
        }
    }
}
