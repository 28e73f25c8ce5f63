package import AgentAPI
package import PolicyCompiler
package import PolicyModel

/// Which policies a report tells of. Each is worked out by itself, as all of them take some time.
///
/// NetworkPolicies that isolate no subject are counted and cost nothing more.
package struct PolicyReportDraft {
    package enum Item {
        case cluster(ClusterNetworkPolicy)
        case network(NamespacedName)
        /// One that could not be read.
        case unread(ObjectReference)
    }

    /// In the order in which they are asked.
    package let items: [Item]
    /// NetworkPolicies that are not among them.
    package let elsewhere: Int
    private let podsByPolicy: [NamespacedName: [NamespacedName]]
    private let problems: [ObjectReference: [Snapshot.Problem]]

    /// - Parameter diagnostics: those about policies are told with them.
    package init(_ compiler: PolicyCompiler, diagnostics: [Diagnostic]) {
        var problems: [ObjectReference: [Snapshot.Problem]] = [:]
        for diagnostic in diagnostics {
            guard let reference = diagnostic.reference, reference.kind.isPolicy else { continue }
            problems[reference, default: []].append(
                Snapshot.Problem(
                    severity: diagnostic.severity.rawValue,
                    message: diagnostic.field.isEmpty
                        ? diagnostic.message : "\(diagnostic.field): \(diagnostic.message)"))
        }
        podsByPolicy = compiler.subjectsByPolicy
        let cluster = compiler.cluster.clusterPolicies
        let faulty = problems.keys.compactMap { $0.kind == .networkPolicy ? $0.key : nil }
        let own = Set(podsByPolicy.keys).union(faulty).filter { compiler.cluster.networkPolicy($0) != nil }.sorted()
        let known = Set(cluster.map(\.reference)).union(own.map { ObjectReference(.networkPolicy, $0) })
        items =
            cluster.filter { $0.tier == .admin }.map(Item.cluster) + own.map(Item.network)
            + problems.keys.filter { !known.contains($0) }.sorted().map(Item.unread)
            + cluster.filter { $0.tier == .baseline }.map(Item.cluster)
        elsewhere = compiler.cluster.networkPolicyCount - own.count
        self.problems = problems
    }

    /// - Parameter compiler: may have gone on since.
    /// - Returns: nil if the policy is gone.
    package func policy(_ item: Item, _ compiler: PolicyCompiler) -> PolicyReport.Policy? {
        switch item {
        case .cluster(let policy): self.policy(policy, compiler)
        case .network(let key): compiler.cluster.networkPolicy(key).map { self.policy($0, compiler) }
        case .unread(let reference):
            PolicyReport.Policy(
                kind: reference.kind.rawValue, namespace: reference.namespace, name: reference.name, subject: "",
                pods: [], rules: [], problems: problems[reference] ?? [])
        }
    }

    private func policy(_ policy: ClusterNetworkPolicy, _ compiler: PolicyCompiler) -> PolicyReport.Policy {
        let empty = compiler.rulesWithoutPeers(of: policy)
        return PolicyReport.Policy(
            kind: policy.reference.kind.rawValue, namespace: "", name: policy.name, tier: policy.tier,
            priority: policy.kind == .baselineAdminNetworkPolicy ? nil : policy.priority,
            subject: policy.subject.text, pods: compiler.subjects(of: policy).map(\.description),
            rules: policy.rules.map {
                PolicyReport.Rule(index: $0.index, text: $0.text, matchesNothing: empty.contains($0.index))
            }, problems: problems[policy.reference] ?? [])
    }

    private func policy(_ policy: NetworkPolicy, _ compiler: PolicyCompiler) -> PolicyReport.Policy {
        let reference = ObjectReference(.networkPolicy, policy.key)
        let empty = compiler.rulesWithoutPeers(of: policy)
        return PolicyReport.Policy(
            kind: reference.kind.rawValue, namespace: reference.namespace, name: reference.name,
            subject: PodSelection(namespace: reference.namespace, pods: policy.podSelector).text,
            pods: (podsByPolicy[policy.key] ?? []).map(\.description),
            rules: policy.rules.map {
                PolicyReport.Rule(
                    index: $0.index, text: $0.text(inNamespace: policy.key.namespace),
                    matchesNothing: empty.contains($0.index))
            }, problems: problems[reference] ?? [])
    }
}

extension ObjectReference.Kind {
    fileprivate var isPolicy: Bool {
        switch self {
        case .networkPolicy, .clusterNetworkPolicy, .adminNetworkPolicy, .baselineAdminNetworkPolicy: true
        case .namespace, .node, .pod, .service, .endpointSlice, .runtimeClass: false
        }
    }
}
