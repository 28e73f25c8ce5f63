import PolicyModel

/// What the pod's controller stands for: the owner above it where that can be told.
///
/// A Deployment's ReplicaSets are named `NAME-HASH`, with the hash in the label
/// `pod-template-hash` (pkg/controller/deployment, `getNewReplicaSet`); a CronJob's
/// Jobs `NAME-MINUTES`, since 1970 (pkg/controller/cronjob, `getJobName`).
func workload(_ metadata: Metadata) -> Workload? {
    guard let owner = (metadata.owners.elements() ?? []).first(where: { $0["controller"].value == true }),
        case .string(let kind)? = owner["kind"].value, case .string(let name)? = owner["name"].value,
        kind != "Node"
    else { return nil }
    if kind == "ReplicaSet", let hash = metadata.labels["pod-template-hash"], name.hasSuffix("-\(hash)") {
        return Workload(kind: "Deployment", name: String(name.dropLast(hash.count + 1)))
    }
    if kind == "Job", let dash = name.lastIndex(of: "-"), dash > name.startIndex {
        let minutes = name[name.index(after: dash)...]
        if (8...10).contains(minutes.count), minutes.utf8.allSatisfy({ (48...57).contains($0) }) {
            return Workload(kind: "CronJob", name: String(name[..<dash]))
        }
    }
    return Workload(kind: kind, name: name)
}
