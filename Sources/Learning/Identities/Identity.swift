import PolicyModel

/// Which labels people go by, and which change without the pods being others.
enum LabelRank {
    /// Best first. Sources: Kubernetes' recommended labels; what kubectl, Helm's
    /// starter chart and the add-ons of kubeadm write.
    private static let preferred = [
        "app.kubernetes.io/name", "k8s-app", "app", "app.kubernetes.io/component", "component",
        "app.kubernetes.io/instance", "name", "role", "tier", "run",
    ]

    private static let volatile: Set<String> = [
        "app.kubernetes.io/version", "version", "helm.sh/chart", "chart", "heritage",
        "app.kubernetes.io/managed-by",
    ]

    /// Without those that a release changes, unless there are no others.
    static func lasting(_ labels: Labels) -> Labels {
        let kept = labels.filter { !volatile.contains($0.key) }
        return kept.isEmpty ? labels : kept
    }

    /// The keys, best first.
    static func sorted(_ keys: some Sequence<String>) -> [String] {
        keys.sorted {
            (preferred.firstIndex(of: $0) ?? preferred.count, $0)
                < (preferred.firstIndex(of: $1) ?? preferred.count, $1)
        }
    }
}

/// Pods that one policy is to be about: a workload's, or those with the same labels.
struct Identity: Hashable, Comparable {
    var namespace: String
    var workload: Workload?
    /// Where there is no workload.
    var labels: Labels = [:]

    static func < (left: Self, right: Self) -> Bool { left.order.lexicographicallyPrecedes(right.order) }

    private var order: [String] {
        [namespace, workload?.name ?? "", workload?.kind ?? ""]
            + labels.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    }

    /// For people: `Deployment web`, or `pods with app=web`.
    var text: String {
        if let workload { return workload.description }
        return labels.isEmpty
            ? "pods without labels" : "pods with \(LabelSelector(matchLabels: labels))"
    }
}
