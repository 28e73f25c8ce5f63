package import KernelDatapath
package import Logging
package import PolicyModel
import Synchronization
package import VerdictTables

/// Writes events to the log, with names in place of identifiers.
package final class EventLog: Sendable {
    package struct Book: Sendable {
        package struct Pod: Hashable, Sendable {
            package var key: NamespacedName
            package var uid: String

            package init(_ key: NamespacedName, uid: String) {
                self.key = key
                self.uid = uid
            }
        }

        package var pods: [CgroupID: Pod] = [:]
        package var causes: [CauseID: Cause] = [:]

        package init(pods: [CgroupID: Pod] = [:], causes: [CauseID: Cause] = [:]) {
            self.pods = pods
            self.causes = causes
        }

        /// One event in words.
        package func line(_ event: FlowEvent) -> String {
            var line = "\(event.verdict.word) \(pods[event.pod]?.key.description ?? "cgroup \(event.pod.rawValue)")"
            line += " to \(event.destinationText) \(event.protocolName)"
            if let process = event.process { line += " by \(event.command)[\(process)]" }
            if event.count > 1 { line += " \(event.count) times" }
            return line + ": \(event.reason(causes[event.cause]))"
        }

        /// What the cluster is to be told of an event; nil if nothing, or if the
        /// pod is not one that the API knows.
        package func denial(_ event: FlowEvent) -> Denial? {
            guard let pod = pods[event.pod], !pod.uid.isEmpty else { return nil }
            return Denial(event, pod: pod.key, uid: pod.uid, cause: causes[event.cause])
        }
    }

    private let logger: Logger
    private let book = Mutex(Book())

    package init(logger: Logger) { self.logger = logger }

    /// Takes pods that are new in their cgroups, nil where none is any more.
    package func note(_ pods: [CgroupID: Book.Pod?], causes: [CauseID: Cause]) {
        book.withLock { book in
            for (cgroup, pod) in pods { book.pods[cgroup] = pod }
            book.causes = causes
        }
    }

    func denial(_ event: FlowEvent) -> Denial? { book.withLock { $0.denial(event) } }

    /// What is allowed is not logged: there is too much of it.
    package func write(_ event: FlowEvent) {
        guard event.verdict != .allowed else { return }
        let line = book.withLock { $0.line(event) }
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
