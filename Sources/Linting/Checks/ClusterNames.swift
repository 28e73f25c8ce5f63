import PolicyModel

/// Names of the cluster's own among `domainNames`: what they stand for is private, which opens nothing unless
/// the policy says so.
extension LintContext {
    /// Kubernetes' domain where nothing else is configured (kubelet's clusterDomain).
    private static let usualDomain = DomainName("cluster.local")

    func clusterNamePrivate() -> [Finding] {
        let services = Set(inventory.services.map(\.key))
        return clusterPolicies.filter { !$0.allowsPrivateAnswers }.flatMap { policy in
            (scopes[policy.reference] ?? []).compactMap { placed -> Finding? in
                guard case .domains(let patterns, _) = placed.scope.destination else { return nil }
                let own = patterns.filter { Self.isClusterName($0, services) }
                guard !own.isEmpty else { return nil }
                let names =
                    own.prefix(3).map(\.description).joined(separator: ", ")
                    + (own.count > 3 ? " and \(own.count - 3) more" : "")
                return Finding(
                    .warning, .clusterNamePrivate, policy.reference, field: placed.field,
                    "\(names): the cluster's DNS answers with addresses of services and pods, which are private, and "
                        + "private answers open nothing without the annotation sluice.dev/private-answers: allow",
                    suggestion:
                        "allow the pods behind it by namespaces or pods, which needs no DNS answer; or, if all names "
                        + "of the policy are yours, annotate it with sluice.dev/private-answers: allow")
            }
        }
    }

    /// Below the usual domain; or, where it has another one, the name of a service that is there.
    private static func isClusterName(_ pattern: DomainPattern, _ services: Set<NamespacedName>) -> Bool {
        let domain: DomainName
        switch pattern {
        case .exact(let name): domain = name
        case .below(let name): domain = name
        }
        if let usual = usualDomain, domain == usual || domain.isBelow(usual) { return true }
        let labels = domain.description.split(separator: ".").map(String.init)
        guard case .exact = pattern, labels.count > 3, labels[2] == "svc" else { return false }
        return services.contains(NamespacedName(labels[1], labels[0]))
    }
}
