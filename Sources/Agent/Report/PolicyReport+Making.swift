package import PolicyCompiler
package import PolicyModel

extension PolicyReport {
    /// What the compiler knows of policies. NetworkPolicies that isolate no subject
    /// are counted and cost nothing more.
    ///
    /// - Parameter diagnostics: those about policies are told with them.
    package init(_ compiler: PolicyCompiler, diagnostics: [Diagnostic], node: String, at time: Int) {
        let problems = Dictionary(
            grouping: diagnostics.filter { $0.reference?.kind.isPolicy == true }, by: { $0.reference })
        let podsByPolicy = compiler.subjectsByPolicy
        func wrong(_ reference: ObjectReference) -> [Snapshot.Problem] {
            (problems[reference] ?? []).map {
                Snapshot.Problem(
                    severity: $0.severity.rawValue,
                    message: $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)")
            }
        }
        var known: Set<ObjectReference> = []
        func policy(_ policy: ClusterNetworkPolicy) -> Policy {
            known.insert(policy.reference)
            let empty = compiler.rulesWithoutPeers(of: policy)
            return Policy(
                kind: policy.reference.kind.rawValue, namespace: "", name: policy.name, tier: policy.tier,
                priority: policy.kind == .baselineAdminNetworkPolicy ? nil : policy.priority,
                subject: policy.subject.text, pods: compiler.subjects(of: policy).map(\.description),
                rules: policy.rules.map {
                    Rule(index: $0.index, text: $0.text, matchesNothing: empty.contains($0.index))
                }, problems: wrong(policy.reference))
        }
        func policy(_ key: NamespacedName) -> Policy? {
            guard let policy = compiler.networkPolicy(key) else { return nil }
            let reference = ObjectReference(.networkPolicy, key)
            known.insert(reference)
            let empty = compiler.rulesWithoutPeers(of: policy)
            return Policy(
                kind: reference.kind.rawValue, namespace: key.namespace, name: key.name,
                subject: PodSelection(namespace: key.namespace, pods: policy.podSelector).text,
                pods: (podsByPolicy[key] ?? []).map(\.description),
                rules: policy.rules.map {
                    Rule(
                        index: $0.index, text: $0.text(inNamespace: key.namespace),
                        matchesNothing: empty.contains($0.index))
                }, problems: wrong(reference))
        }
        let cluster = compiler.clusterPolicies.map { policy($0) }
        let faulty = problems.keys.compactMap { $0?.kind == .networkPolicy ? $0?.key : nil }
        let own = Set(podsByPolicy.keys).union(faulty).sorted().compactMap { policy($0) }
        let unread = problems.keys.compactMap(\.self).filter { !known.contains($0) }.sorted().map {
            Policy(
                kind: $0.kind.rawValue, namespace: $0.namespace, name: $0.name, subject: "", pods: [], rules: [],
                problems: wrong($0))
        }
        self.init(
            writtenAt: time, node: node,
            policies: cluster.filter { $0.tier == .admin } + own + unread + cluster.filter { $0.tier == .baseline },
            elsewhere: compiler.networkPolicyCount - own.count)
    }
}

extension ObjectReference.Kind {
    fileprivate var isPolicy: Bool {
        switch self {
        case .networkPolicy, .clusterNetworkPolicy, .adminNetworkPolicy, .baselineAdminNetworkPolicy: true
        case .namespace, .node, .pod, .service, .endpointSlice: false
        }
    }
}
