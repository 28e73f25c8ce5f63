import PolicyCompiler
import PolicyModel

/// Isolated pods that can send frames past enforcement.
extension Survey {
    private struct Group: Hashable {
        var namespace: String
        var workload: Workload?
        /// Of a pod without a workload.
        var pod: String?
    }

    mutating func keepsNetRaw() -> [Finding] {
        let isolating = isolatingPolicies()
        var groups: [Group: (count: Int, example: Pod, policies: [ObjectReference])] = [:]
        for pod in inventory.pods where pod.keepsNetRaw && !pod.hostNetwork {
            guard let policies = isolating[pod.key], !policies.isEmpty else { continue }
            let group = Group(
                namespace: pod.key.namespace, workload: pod.workload, pod: pod.workload == nil ? pod.key.name : nil)
            guard let known = groups[group] else {
                groups[group] = (1, pod, policies)
                continue
            }
            groups[group] = (known.count + 1, pod.key < known.example.key ? pod : known.example, known.policies)
        }
        return groups.map { group, found in
            let owner = group.workload.map { "\($0) keeps CAP_NET_RAW in \(podsText(found.count, example: found.example.key.name))" }
                ?? "keeps CAP_NET_RAW"
            return Finding(
                .warning, .keepsNetRaw, ObjectReference(.pod, found.example.key),
                field: "spec.containers[].securityContext.capabilities",
                "\(owner), though \(found.policies.first { $0.kind == .networkPolicy } ?? found.policies[0]) isolates it: frames from AF_PACKET sockets pass below enforcement",
                suggestion: "write securityContext: {capabilities: {drop: [NET_RAW]}} into every container, or drop: [ALL]")
        }
    }

    /// The policies that may deny something, by pod, where one of its containers keeps the capability.
    private func isolatingPolicies() -> [NamespacedName: [ObjectReference]] {
        let denying = Set(clusterPolicies.filter { $0.rules.contains { $0.action == .deny } }.map(\.reference))
        var found: [NamespacedName: [ObjectReference]] = [:]
        for pod in inventory.pods where pod.keepsNetRaw {
            guard let kind = inventory.kind(of: pod) else { continue }
            found[pod.key] = review.policies(of: sets[kind]).filter {
                $0.kind == .networkPolicy || denying.contains($0)
            }
        }
        return found
    }
}
