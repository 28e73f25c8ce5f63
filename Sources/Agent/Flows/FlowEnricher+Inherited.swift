package import AgentAPI
import PolicyCompiler
import PolicyModel
import VerdictTables

extension FlowEnricher.Changes {
    /// What an earlier agent last called the pods and causes of this node: of these tell the events that
    /// waited while no agent ran, and all that comes before the source's first word.
    package init(inheriting snapshot: Snapshot) {
        var residents: [CgroupID: FlowEnricher.Resident?] = [:]
        for row in snapshot.pods {
            guard let cgroup = row.cgroupID, let key = NamespacedName(row.pod) else { continue }
            let pod = Pod(
                key: key, uid: row.uid, hostNetwork: row.hostNetwork,
                addresses: row.addresses.compactMap { IPAddress($0) },
                workload: row.workload)
            residents[cgroup] = FlowEnricher.Resident(PodRecord(pod))
        }
        var names = ClusterMetadataDelta()
        names.classes = snapshot.names.classes.mapValues { .some($0) }
        names.causes = snapshot.names.causes.mapValues { .some($0) }
        self.init(residents: residents, names: names)
    }
}
