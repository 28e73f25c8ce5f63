import PolicyCompiler
import PolicyModel

/// Pods of one workload, or one pod, that some policy may deny something.
struct IsolatedPods {
    var workload: Workload?
    /// The first by name.
    var example: Pod
    var count = 1
    /// A NetworkPolicy before the administrators' ones.
    var policy: ObjectReference

    /// For people.
    var pods: String { podsText(count, example: example.key.name) }
}

extension LintContext {
    private struct Group: Hashable {
        var namespace: String
        var workload: Workload?
        /// Of a pod without a workload.
        var pod: String?
    }

    /// The isolated ones among the pods that are like this.
    mutating func isolated(_ isWanted: (Pod) -> Bool) -> [IsolatedPods] {
        let denying = Set(clusterPolicies.filter { $0.rules.contains { $0.action == .deny } }.map(\.reference))
        var groups: [Group: IsolatedPods] = [:]
        for pod in inventory.pods where isWanted(pod) {
            guard let kind = inventory.kind(of: pod) else { continue }
            let policies = review.policies(of: sets[kind]).filter {
                $0.kind == .networkPolicy || denying.contains($0)
            }
            guard let policy = policies.first(where: { $0.kind == .networkPolicy }) ?? policies.first else { continue }
            let group = Group(
                namespace: pod.key.namespace, workload: pod.workload, pod: pod.workload == nil ? pod.key.name : nil)
            guard var known = groups[group] else {
                groups[group] = IsolatedPods(workload: pod.workload, example: pod, policy: policy)
                continue
            }
            known.count += 1
            if pod.key < known.example.key { known.example = pod }
            groups[group] = known
        }
        return Array(groups.values)
    }
}
