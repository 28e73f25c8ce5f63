import PolicyCompiler
import PolicyModel

/// The objects by kind, with pods put together that nothing tells apart.
///
/// Finished pods are left out: they connect nowhere, and are no peers.
struct Inventory {
    private(set) var kinds: [PodKind] = []
    /// The place in `kinds` of the pod that has the address; pods on the host's
    /// network do not count, as they share it.
    private(set) var kindAt: [IPAddress: Int] = [:]
    /// Labels by namespace, also of namespaces that are known by what is in them.
    private(set) var namespaces: [String: Labels] = [:]
    private(set) var nodes: [Node] = []
    /// Handlers by the RuntimeClass's name.
    private(set) var runtimes: [String: String] = [:]
    private(set) var services: [Service] = []
    /// Sorted by name.
    private(set) var policies: [NetworkPolicy] = []
    private(set) var pods: [Pod] = []
    private let selected: SelectedKeys
    private var places: [PodKind.Key: Int] = [:]

    init(_ objects: [ClusterObject], exemptions: [GuardExemption]) {
        selected = SelectedKeys(objects, exemptions)
        for object in objects {
            switch object {
            case .namespace(let namespace):
                namespaces[namespace.name] = namespace.labels
            case .node(let node): nodes.append(node)
            case .runtimeClass(let runtime): runtimes[runtime.name] = runtime.handler
            case .pod(let pod): if !pod.finished { pods.append(pod) }
            case .service(let service): services.append(service)
            case .networkPolicy(let policy): policies.append(policy)
            case .endpointSlice, .clusterNetworkPolicy: break
            }
        }
        policies.sort { $0.key < $1.key }
        services.sort { $0.key < $1.key }
        gatherPods()
        let named = pods.map(\.key.namespace) + policies.map(\.key.namespace) + services.map(\.key.namespace)
        for name in Set(named) where namespaces[name] == nil { namespaces[name] = [PodSelection.nameLabel: name] }
    }

    /// The place in `kinds` of a pod among these.
    func kind(of pod: Pod) -> Int? { places[selected.key(of: pod)] }

    private mutating func gatherPods() {
        for pod in pods {
            let key = selected.key(of: pod)
            let place = places[key] ?? kinds.count
            if place == kinds.count {
                places[key] = place
                kinds.append(PodKind(key: key, example: pod, ports: Set(pod.namedPorts)))
            } else {
                kinds[place].add(pod)
            }
            if !pod.hostNetwork { for address in pod.addresses { kindAt[address] = place } }
        }
    }
}

/// What of a pod some selector asks for.
private struct SelectedKeys {
    private var keys: Set<String> = []
    /// Namespaces in which the service account matters.
    private var accounts: Set<String> = []

    init(_ objects: [ClusterObject], _ exemptions: [GuardExemption]) {
        for object in objects {
            switch object {
            case .networkPolicy(let policy):
                record(policy.podSelector)
                for case .pods(_, let pods) in policy.rules.flatMap({ $0.peers ?? [] }) { record(pods) }
            case .clusterNetworkPolicy(let policy):
                record(policy.subject.pods)
                for case .pods(let selection) in policy.rules.flatMap({ $0.peers ?? [] }) { record(selection.pods) }
            case .namespace, .node, .pod, .service, .endpointSlice, .runtimeClass: break
            }
        }
        for exemption in exemptions {
            if let selector = exemption.podSelector { record(selector) }
            if exemption.serviceAccount != nil { accounts.insert(exemption.namespace) }
        }
    }

    private mutating func record(_ selector: LabelSelector) {
        for requirement in selector.requirements { keys.insert(requirement.key) }
    }

    func key(of pod: Pod) -> PodKind.Key {
        PodKind.Key(
            namespace: pod.key.namespace, labels: pod.labels.filter { keys.contains($0.key) },
            hostNetwork: pod.hostNetwork,
            serviceAccount: accounts.contains(pod.key.namespace) ? pod.serviceAccount : "")
    }
}
