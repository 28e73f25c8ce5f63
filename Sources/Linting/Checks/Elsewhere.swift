import PolicyCompiler
import PolicyModel

/// Where packets go ways on which no verdict, or not the right one, meets them.
extension LintContext {
    mutating func unenforceable() -> [Finding] {
        let runtimes = inventory.runtimes
        func obstacle(_ pod: Pod) -> String? {
            SandboxedRuntime.obstacle(to: pod, handler: pod.runtimeClass.flatMap { runtimes[$0] })
        }
        return isolated { obstacle($0) != nil }.map { found in
            let owner = found.workload.map { "\($0), \(found.pods), " } ?? ""
            return Finding(
                .warning, .unenforceable, ObjectReference(.pod, found.example.key),
                field: found.example.runtimeClass == nil ? "" : "spec.runtimeClassName",
                "\(owner)cannot be enforced, though \(found.policy) isolates it. "
                    + (obstacle(found.example) ?? ""),
                suggestion: "have the CNI enforce its policies, or run it in the node's default runtime")
        }
    }

    /// Istio ambient (istio.io/latest/docs/ambient/usage/add-workloads): what a pod sends is redirected to a
    /// socket of the node's proxy, and the packets of the pod's own socket go there.
    func meshTimesOut() -> [Finding] {
        let slow = inventory.namespaces.filter { $0.value["sluice.dev/fail-fast"] == "false" }
        let byPod = inventory.pods.filter { pod in
            slow[pod.key.namespace].map { Mesh.isAmbient(pod.labels, namespace: $0) } ?? false
        }.map(\.key.namespace)
        let whole = slow.filter { Mesh.isAmbient([:], namespace: $0.value) }.keys
        return Set(byPod).union(whole).sorted().map { name in
            Finding(
                .error, .meshTimesOut, ObjectReference(.namespace, "", name),
                field: "metadata.labels[sluice.dev/fail-fast]",
                "is in Istio's ambient mesh, whose redirection leaves the destination to the connect hook alone: "
                    + "without it what policy denies is reached by way of ztunnel",
                suggestion: "remove the label; except the mesh's own addresses by failFastExcept in the agent's "
                    + "configuration")
        }
    }
}
