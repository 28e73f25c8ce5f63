package import KernelDatapath
package import Logging
import PolicyModel
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
            return line + ": \(reason(event))"
        }

        private func reason(_ event: FlowEvent) -> String {
            if event.verdict == .held { return "its pod is not known yet" }
            return causes[event.cause]?.reason ?? (event.guarded ? "guarded" : "cause \(event.cause)")
        }
    }

    private let logger: Logger
    private let book = Mutex(Book())

    package init(logger: Logger) { self.logger = logger }

    /// Takes pods that are new in their cgroups, nil where none is any more.
    package func note(_ pods: [CgroupID: String?], causes: [CauseID: Cause]) {
        book.withLock { book in
            for (cgroup, pod) in pods { book.pods[cgroup] = pod }
            book.causes = causes
        }
    }

    package func write(_ event: FlowEvent) {
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

extension FlowEvent {
    fileprivate var destinationText: String {
        guard port > 0 else { return "\(destination)" }
        return destination.isIPv4 ? "\(destination):\(port)" : "[\(destination)]:\(port)"
    }

    fileprivate var protocolName: String {
        if let known = TransportProtocol(rawValue: protocolNumber) { return known.name }
        return protocolNumber == 1 || protocolNumber == 58 ? "ICMP" : "protocol \(protocolNumber)"
    }
}
