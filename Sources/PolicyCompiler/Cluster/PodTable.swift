public import PolicyModel

/// A pod of the cluster, shared by all who keep it.
public final class PodRecord: Sendable {
    public let pod: Pod
    public init(_ pod: Pod) { self.pod = pod }
}

/// The cluster's pods by name, of which there may be a hundred thousand: each in
/// a record of its own, as a dictionary keeps room for twice what it holds.
struct PodTable: Sendable {
    private var records: [NamespacedName: PodRecord] = [:]

    subscript(key: NamespacedName) -> Pod? { records[key]?.pod }

    func record(_ key: NamespacedName) -> PodRecord? { records[key] }

    /// - Returns: the records before and after.
    mutating func set(_ key: NamespacedName, _ pod: Pod?) -> ClusterMetadataDelta.Change<PodRecord> {
        let new = pod.map(PodRecord.init)
        let old = records[key]
        records[key] = new
        return ClusterMetadataDelta.Change(old: old, new: new)
    }
}

extension Pod {
    /// What matters of a pod to which no verdict is given here.
    var asPeer: Pod {
        var peer = self
        peer.uid = ""
        peer.serviceAccount = ""
        peer.ready = true
        peer.cgroupPath = nil
        peer.mirror = nil
        peer.keepsNetRaw = false
        peer.runtimeClass = nil
        peer.nameSources = []
        return peer
    }
}
