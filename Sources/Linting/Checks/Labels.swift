import PolicyModel

/// Labels of `sluice.dev` that change nothing.
extension LintContext {
    /// Labels of namespaces, with the values that mean something: first the one that changes something.
    private static let known = [
        "sluice.dev/enforcement": ["audit", "enforce"], "sluice.dev/fail-fast": ["false", "true"],
    ]
    private static let prefix = "sluice.dev/"

    func labelNotUnderstood() -> [Finding] { namespaceLabels() + podLabels() }

    private func namespaceLabels() -> [Finding] {
        inventory.namespaces.flatMap { name, labels in
            labels.filter { $0.key.hasPrefix(Self.prefix) }.compactMap { key, value -> Finding? in
                let values = Self.known[key]
                if values?.contains(value) == true { return nil }
                return Finding(
                    .warning, .labelNotUnderstood, ObjectReference(.namespace, "", name),
                    field: "metadata.labels[\(key)]",
                    values == nil ? "means nothing to Sluice" : "\"\(value)\" means nothing, and the label is ignored",
                    suggestion: values.map { "write \"\($0[0])\", or remove the label" }
                        ?? "Sluice knows the labels \(Self.known.keys.sorted().joined(separator: " and "))")
            }
        }
    }

    /// Who may write pods may not weaken enforcement, so a pod's own labels count for nothing.
    private func podLabels() -> [Finding] {
        var found: [String: [String: (count: Int, example: Pod)]] = [:]
        for pod in inventory.pods {
            for key in pod.labels.keys where Self.known[key] != nil {
                let known = found[pod.key.namespace]?[key]
                let isFirst = known.map { pod.key < $0.example.key } ?? true
                found[pod.key.namespace, default: [:]][key] = (
                    (known?.count ?? 0) + 1, isFirst ? pod : known?.example ?? pod
                )
            }
        }
        return found.values.flatMap { labels in
            labels.map { key, pods in
                Finding(
                    .warning, .labelNotUnderstood, ObjectReference(.pod, pods.example.key),
                    field: "metadata.labels[\(key)]",
                    "\(podsText(pods.count, example: pods.example.key.description)) "
                        + "\(pods.count == 1 ? "has" : "have") a label that counts on namespaces alone",
                    suggestion: "label the namespace, or remove the label")
            }
        }
    }
}
