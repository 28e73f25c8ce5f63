/// Pods that a kind of guard does not apply to, by the agent's own configuration.
public struct GuardExemption: Hashable, Sendable {
    public var kind: Guard.Kind
    public var namespace: String
    /// Nil: whatever the service account.
    public var serviceAccount: String?
    /// Nil: whatever the labels.
    public var podSelector: LabelSelector?

    public init(
        from kind: Guard.Kind = .metadata, namespace: String, serviceAccount: String? = nil,
        podSelector: LabelSelector? = nil
    ) {
        self.kind = kind
        self.namespace = namespace
        self.serviceAccount = serviceAccount
        self.podSelector = podSelector
    }

    public func covers(_ pod: Pod) -> Bool {
        pod.key.namespace == namespace
            && (serviceAccount == nil || serviceAccount == pod.serviceAccount)
            && (podSelector?.matches(pod.labels) ?? true)
    }
}
