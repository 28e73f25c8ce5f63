public import PolicyModel

/// Service meshes that change where packets go.
public enum Mesh {
    /// Istio's ambient mode (istio.io/latest/docs/ambient/usage/add-workloads): what a pod sends over TCP is
    /// redirected to a socket of the node's proxy. Only the connect hook sees where it was to go.
    public static func isAmbient(_ pod: Labels, namespace: Labels) -> Bool {
        let label = "istio.io/dataplane-mode"
        return (pod[label] ?? namespace[label]) == "ambient"
    }

    /// Why the pod's packets meet no verdict; nil if they do. Nothing is left undone for it.
    ///
    /// - Parameters:
    ///   - pod: the pod.
    ///   - namespace: the labels of its namespace.
    ///   - failsFast: whether the connect hook refuses what policy denies.
    public static func obstacle(to pod: Pod, namespace: Labels, failsFast: Bool) -> String? {
        guard !failsFast, !pod.hostNetwork, isAmbient(pod.labels, namespace: namespace) else { return nil }
        return
            "Istio ambient redirects its connections to ztunnel, and fail-fast, which alone sees where they go, is off"
    }
}
