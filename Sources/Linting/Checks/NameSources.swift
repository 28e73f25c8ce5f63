import PolicyCompiler
import PolicyModel

/// Pods under rules for domain names whose names come from where no rule looks.
extension LintContext {
    private struct Group: Hashable {
        var policy: ObjectReference
        var source: Source
        var namespace: String
        var workload: Workload?
        /// Of a pod without a workload.
        var pod: String?
    }

    private enum Source: Hashable {
        case nameservers([IPAddress])
        case aliases([DomainName])
    }

    func nameFromElsewhere() -> [Finding] {
        let named = clusterPolicies.compactMap { policy -> (policy: ClusterNetworkPolicy, patterns: [DomainPattern])? in
            let patterns = policy.rules.flatMap { $0.peers ?? [] }.flatMap { peer -> [DomainPattern] in
                if case .domains(let patterns) = peer { patterns } else { [] }
            }
            return patterns.isEmpty ? nil : (policy, patterns)
        }
        guard !named.isEmpty else { return [] }
        let trusted = trustedAddresses
        var groups: [Group: (count: Int, example: Pod)] = [:]
        for pod in inventory.pods where !pod.nameSources.isEmpty && !pod.hostNetwork {
            for (policy, patterns) in named where isAbout(policy, pod) {
                for source in sources(of: pod, beside: trusted, patterns) {
                    let group = Group(
                        policy: policy.reference, source: source, namespace: pod.key.namespace, workload: pod.workload,
                        pod: pod.workload == nil ? pod.key.name : nil)
                    let known = groups[group]
                    let isFirst = known.map { pod.key < $0.example.key } ?? true
                    groups[group] = ((known?.count ?? 0) + 1, isFirst ? pod : known?.example ?? pod)
                }
            }
        }
        return groups.map { group, found in finding(group, found.count, found.example) }
    }

    private func finding(_ group: Group, _ count: Int, _ example: Pod) -> Finding {
        let pods = podsText(count, example: example.key.description)
        switch group.source {
        case .nameservers(let servers):
            let text = servers.map(\.description).joined(separator: ", ")
            return Finding(
                .warning, .nameFromElsewhere, ObjectReference(.pod, example.key), field: "spec.dnsConfig.nameservers",
                "\(pods) may ask \(text), and what a resolver answers that the node does not trust opens nothing "
                    + "of the names of \(group.policy)",
                suggestion:
                    "leave the resolvers to the cluster's DNS; or, if they are yours, name them in names.resolvers "
                    + "of the agent's configuration and give it to lint by --config (the node's own resolv.conf is trusted "
                    + "too, which lint cannot see)")
        case .aliases(let names):
            let text =
                names.prefix(3).map(\.description).joined(separator: ", ")
                + (names.count > 3 ? " and \(names.count - 3) more" : "")
            return Finding(
                .warning, .nameFromElsewhere, ObjectReference(.pod, example.key), field: "spec.hostAliases",
                "\(pods) \(count == 1 ? "has" : "have") the address of \(text) from hostAliases and "
                    + "\(count == 1 ? "asks" : "ask") no resolver for it, so that the rule for the name in "
                    + "\(group.policy) opens nothing",
                suggestion: "remove the alias, or allow its address: networks in a ClusterNetworkPolicy, ipBlock in a "
                    + "NetworkPolicy")
        }
    }

    private func sources(of pod: Pod, beside trusted: Set<IPAddress>, _ patterns: [DomainPattern]) -> [Source] {
        var servers: [IPAddress] = []
        var aliases: [DomainName] = []
        for source in pod.nameSources {
            switch source {
            case .nameserver(let address): if !trusted.contains(address) { servers.append(address) }
            case .alias(let name): if patterns.contains(where: { $0.matches(name) }) { aliases.append(name) }
            }
        }
        return (servers.isEmpty ? [] : [.nameservers(servers)]) + (aliases.isEmpty ? [] : [.aliases(aliases)])
    }

    private func isAbout(_ policy: ClusterNetworkPolicy, _ pod: Pod) -> Bool {
        policy.subject.pods.matches(pod.labels)
            && policy.subject.namespaces.matches(inventory.namespaces[pod.key.namespace] ?? [:])
    }

    /// Resolvers as the agent knows them, but for the node's own, of which objects say nothing.
    private var trustedAddresses: Set<IPAddress> {
        var trusted = Set(resolvers.addresses).union([Resolvers.nodeLocal])
        for service in inventory.services where resolvers.services.contains(service.key) {
            trusted.formUnion(service.addresses)
            for port in service.ports {
                for ipv4 in [true, false] {
                    trusted.formUnion(review.cluster.endpoints(of: service, port, ipv4: ipv4).map(\.address))
                }
            }
        }
        return trusted
    }
}
