package import Flows
package import PolicyModel

/// What happened to a pod, as an Event tells it; every repeat is equal to it.
package struct Denial: Hashable, Sendable {
    /// The `reason` of the Event.
    package enum Reason: String, Hashable, Sendable {
        case egressDenied = "EgressDenied"
        /// By a guard.
        case metadataDenied = "MetadataDenied"
        /// Would be denied, but passed.
        case egressAudited = "EgressAudited"
    }

    package var pod: NamespacedName
    package var uid: String
    package var reason: Reason
    /// For instance `10.0.0.7:5432 TCP`.
    package var destination: String
    /// One sentence without a full stop.
    package var cause: String
    /// What the pod is a replica of.
    package var workload: Workload?

    package init(
        pod: NamespacedName, uid: String, _ reason: Reason, destination: String, cause: String,
        workload: Workload? = nil
    ) {
        self.pod = pod
        self.uid = uid
        self.reason = reason
        self.destination = destination
        self.cause = cause
        self.workload = workload
    }

    /// Nil if the packet passed unaudited, or waits for its pod to be known.
    package init?(_ flow: Flow, uid: String) {
        guard let pod = flow.source.key else { return nil }
        let reason: Reason
        switch flow.verdict {
        case .denied: reason = flow.guarded ? .metadataDenied : .egressDenied
        case .audit: reason = .egressAudited
        case .allowed, .held: return nil
        }
        self.init(
            pod: pod, uid: uid, reason,
            destination: "\(flow.destinationText) \(flow.transport.name)", cause: ExpiredAnswer.timeless(flow.reason),
            workload: flow.source.workload)
    }

    package var message: String {
        reason == .egressAudited
            ? "egress to \(destination) would be denied, but passes in audit mode: \(cause)"
            : "egress to \(destination) denied: \(cause)"
    }
}
