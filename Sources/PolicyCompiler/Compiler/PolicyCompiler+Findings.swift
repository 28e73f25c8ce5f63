public import PolicyModel
import VerdictTables

/// What reports say about the policies as they are compiled.
extension PolicyCompiler {
    /// What is to be said of policies as they stand together, and of objects that ask for too much.
    public var warnings: [Diagnostic] { cluster.equalPriorities + namesWithoutPlace + excessive }

    /// Policies with more rules for domain names than one pod's policies can have. A
    /// name's place has 16 bits (struct sluice_precedence).
    private var namesWithoutPlace: [Diagnostic] {
        let places = Int(Precedence.last)
        let crowded = Set(
            compiled.values.flatMap { set -> [ObjectReference] in
                set.dnsRuleCount.admin < places ? [] : set.key.admin.withoutPlaces(places)
            })
        return crowded.sorted().map { policy in
            Diagnostic(
                .error, object: policy.description, reference: policy, field: "spec.egress",
                "has a rule for domain names after the first \(places) of the tier that are about one pod; it matches nothing: put more names into fewer rules"
            )
        }
    }

    /// The pods that verdicts are wanted for, by the NetworkPolicies that isolate them; finished ones left out.
    public var subjectsByPolicy: [NamespacedName: [NamespacedName]] {
        var pods: [NamespacedName: [NamespacedName]] = [:]
        for subject in subjects.values.filter({ !$0.finished }).sorted(by: { $0.key < $1.key }) {
            for policy in subject.policies { pods[policy, default: []].append(subject.key) }
        }
        return pods
    }

    /// The pods that verdicts are wanted for and that the policy is about; finished ones left out.
    public func subjects(of policy: ClusterNetworkPolicy) -> [NamespacedName] {
        subjects.values.filter { subject in
            !subject.finished && cluster.pods[subject.key].map { cluster.selects(policy, $0) } ?? false
        }.map(\.key).sorted()
    }
}

extension [ClusterNetworkPolicy] {
    /// Those that hold a rule for domain names beyond so many of them.
    fileprivate func withoutPlaces(_ places: Int) -> [ObjectReference] {
        var count = 0
        return filter { policy in
            let own = policy.rules.count(where: \.hasNames)
            count += own
            return own > 0 && count > places
        }.map(\.reference)
    }
}
