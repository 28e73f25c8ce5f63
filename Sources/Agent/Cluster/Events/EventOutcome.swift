package import KubernetesClient

/// What follows from an API server's answer to an Event.
package enum EventOutcome: Hashable, Sendable {
    /// It is there.
    case done
    /// The Event has expired (or was never made): to be made, count and all.
    case make
    /// It cannot be written and never will be.
    case drop
    /// Later; not before this, if the server says so.
    case again(after: Duration?)
    /// The agent may not write Events; what the server says.
    case forbidden(String)

    /// - Parameter isNew: whether the Event was to be made.
    package init(_ error: APIError, isNew: Bool) {
        switch error.code {
        case .status(409): self = isNew ? .done : .again(after: error.retryAfter)
        case .status(404): self = isNew ? .drop : .make
        case .status(403):
            // So the API server refuses everything new in a namespace that is
            // being deleted (NamespaceLifecycle admission).
            self = error.message.contains("is being terminated") ? .drop : .forbidden(error.message)
        case .status(401), .status(408), .status(429), .status(500...):
            self = .again(after: error.retryAfter)
        case .status: self = .drop
        default: self = .again(after: error.retryAfter)
        }
    }
}
