/// What changes.
enum ChangeKind: String, CaseIterable {
    case podAdded = "pod added elsewhere, labels seen before"
    case podRelabelled = "pod elsewhere gets labels never seen"
    case policyEdited = "policy of pods here edited"
    case cgroupAppeared = "cgroup of a known pod made"

    /// What the API has to tell of it; the last kind is no object's.
    static let ofObjects: [ChangeKind] = [.podAdded, .podRelabelled, .policyEdited]

    /// The watch event's type, and the object.
    func event(_ index: Int, _ cluster: RecordedCluster) -> (type: String, kind: RecordedKind, object: String) {
        switch self {
        case .podAdded, .cgroupAppeared:
            ("ADDED", .pods, cluster.object(.pods, cluster.pods + index * cluster.localEvery + 1))
        case .podRelabelled:
            ("MODIFIED", .pods, cluster.object(.pods, index * cluster.localEvery + 1, version: index + 2))
        case .policyEdited:
            (
                "MODIFIED", .networkPolicies,
                cluster.object(.networkPolicies, cluster.policy(ofLocalPod: index), port: 10_000 + index)
            )
        }
    }
}
