import PolicyModel
import VerdictTables

/// Pods that no rule can tell apart.
struct PodGroup {
    var namespace: String
    var labels: Labels
    var ports: [NamedPort]

    init?(_ peership: PeerIdentity?) {
        guard case .pods(let namespace, let labels, let ports)? = peership else { return nil }
        self.namespace = namespace
        self.labels = labels
        self.ports = ports
    }
}
