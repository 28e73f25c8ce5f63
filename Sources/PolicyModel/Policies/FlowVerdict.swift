/// What becomes of a flow. The raw values are Hubble's, for JSON.
public enum FlowVerdict: String, Hashable, Sendable, Codable, CaseIterable {
    /// A new flow that may pass; its further packets are not reported.
    case allowed = "ALLOWED"
    case denied = "DENIED"
    /// Would be denied, but passed.
    case audit = "AUDIT"
    /// Dropped silently: the pod is not known yet.
    case held = "HELD"
}

/// Where the decision about a flow was made.
public enum FlowHook: String, Hashable, Sendable, Codable, CaseIterable {
    case egress, connect, sendmsg
    /// A DNS answer: no rule covers its name.
    case dns
}
