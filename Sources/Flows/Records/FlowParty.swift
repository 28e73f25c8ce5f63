public import PolicyModel

/// Pods as a policy can speak of them: by namespace and by labels that do not
/// differ between replicas.
public struct FlowParty: Hashable, Sendable {
    public let namespace: String
    public let labels: Labels
    /// What the pods are replicas of.
    public let workload: Workload?
    /// Hashing labels takes long, and parties are looked up at every flow.
    private let digest: Int

    public init(namespace: String, labels: Labels, workload: Workload? = nil) {
        self.namespace = namespace
        self.labels = labels.stable
        self.workload = workload
        var hasher = Hasher()
        hasher.combine(namespace)
        hasher.combine(self.labels)
        hasher.combine(workload)
        digest = hasher.finalize()
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.digest == right.digest && left.namespace == right.namespace
            && left.workload == right.workload && left.labels == right.labels
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    /// Nil if the end is no known pod.
    public init?(_ end: FlowEnd) {
        guard !end.namespace.isEmpty else { return nil }
        self.init(namespace: end.namespace, labels: end.labels, workload: end.workload)
    }

    /// As reports name them: `shop/web`, by the workload or by labels.
    public var text: String {
        if let workload { return "\(namespace)/\(workload.name)" }
        let selector = LabelSelector(matchLabels: labels).description
        return "\(namespace)/" + (selector.isEmpty ? "(no labels)" : selector)
    }
}

extension Labels {
    /// Labels that controllers put on each pod or each generation of pods anew.
    /// Sources: core/v1 and apps/v1 `well-known labels, annotations and taints`;
    /// batch/v1 `types.go`.
    private static let perReplica: Set<String> = [
        "pod-template-hash", "controller-revision-hash", "pod-template-generation",
        "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
        "controller-uid", "batch.kubernetes.io/controller-uid",
        "job-name", "batch.kubernetes.io/job-name", "batch.kubernetes.io/job-completion-index",
    ]

    /// More labels of one pod than this are not kept, so that a record has a size.
    private static let most = 32

    /// The labels that all replicas share, in so far as that can be told by their keys.
    public var stable: Labels {
        let kept = filter { !Self.perReplica.contains($0.key) }
        guard kept.count > Self.most else { return kept }
        let first = kept.keys.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }.prefix(Self.most)
        return kept.filter { first.contains($0.key) }
    }
}
