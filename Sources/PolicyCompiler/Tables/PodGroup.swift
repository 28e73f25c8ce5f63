import PolicyModel
import VerdictTables

/// Pods that no rule can tell apart.
struct PodGroup {
    var namespace: String
    var labels: Labels
    var ports: [NamedPort]

    init?(_ identity: PeerIdentity?) {
        guard case .pods(let namespace, let labels, let ports)? = identity else { return nil }
        self.namespace = namespace
        self.labels = labels
        self.ports = ports
    }
}
