import PolicyModel

/// The administrators' tiers, as the text of ClusterNetworkPolicy words them.
struct TierOracle {
    /// A destination: an address, and what is asked for there.
    struct Place {
        var address: IPAddress
        var port: UInt16
        var number: UInt8
        /// A service's address: pods and namespaces select pods, never services.
        var isService = false
        /// What the pod was told the address for, and whether no answer should hold it.
        var name: DomainName?
        var isPrivate = false
    }

    private var ordered: [ClusterNetworkPolicy.Tier: [ClusterNetworkPolicy]] = [:]
    private let namespaces: [String: Labels]
    private let pods: [Pod]
    private let nodes: [Node]

    init(policies: [ClusterNetworkPolicy], namespaces: [String: Labels], pods: [Pod], nodes: [Node]) {
        self.namespaces = namespaces
        self.pods = pods
        self.nodes = nodes
        // Lower priority first; the older kind first, then by name.
        for priority in Set(policies.map(\.priority)).sorted() {
            for kind in [.adminNetworkPolicy, .clusterNetworkPolicy, .baselineAdminNetworkPolicy]
                as [ClusterNetworkPolicy.Kind]
            {
                for policy in policies.sorted(by: { $0.name < $1.name })
                where policy.priority == priority && policy.kind == kind {
                    ordered[policy.tier, default: []].append(policy)
                }
            }
        }
    }

    /// What the first rule of the tier says that matches one of the places.
    func action(
        _ tier: ClusterNetworkPolicy.Tier, of source: Pod, to places: [Place]
    ) -> TierPolicyRule.Action? {
        for policy in ordered[tier] ?? [] where selects(policy.subject, source) {
            for rule in policy.rules where places.contains(where: { matches(rule, $0, of: policy) }) {
                return rule.action
            }
        }
        return nil
    }

    /// Host-networked pods are not included in any selection.
    private func selects(_ selection: PodSelection, _ pod: Pod) -> Bool {
        let name = pod.key.namespace
        let labels = namespaces[name] ?? ["kubernetes.io/metadata.name": name]
        return !pod.hostNetwork && oracleSelects(selection.namespaces, labels)
            && oracleSelects(selection.pods, pod.labels)
    }

    private func matches(_ rule: TierPolicyRule, _ place: Place, of policy: ClusterNetworkPolicy) -> Bool {
        let holders =
            place.isService
            ? [] : pods.filter { !$0.hostNetwork && !$0.finished && $0.addresses.contains(place.address) }
        func covers(on pods: [Pod]) -> Bool { oracleCovers(rule.ports, place.number, place.port, on: pods) }
        guard let peers = rule.peers else { return covers(on: holders) }
        for peer in peers {
            switch peer {
            case .pods(let selection):
                let matched = holders.filter { selects(selection, $0) }
                if !matched.isEmpty, covers(on: matched) { return true }
            case .nodes(let selector):
                for node in nodes where oracleSelects(selector, node.labels) {
                    if node.addresses.contains(place.address), covers(on: holders) { return true }
                }
            case .network(let prefix):
                if oracleContains(prefix, place.address), covers(on: holders) { return true }
            case .domains(let patterns):
                guard let name = place.name, !place.isPrivate || policy.allowsPrivateAnswers else { continue }
                if patterns.contains(where: { oracleMeans($0, name) }), covers(on: []) { return true }
            }
        }
        return false
    }
}
