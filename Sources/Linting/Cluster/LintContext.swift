import PolicyCompiler
import PolicyModel
import VerdictTables

/// What all checks look at: the objects, which pods are alike, and what policies
/// say about them. Answers are remembered in it.
struct LintContext {
    let inventory: Inventory
    let options: CompilerOptions
    let resolvers: Resolvers
    var selections: Selections
    var review: PolicyReview
    /// What each kind's policies add up to.
    let sets: [PolicySetID]
    /// In the order in which they are asked.
    let clusterPolicies: [ClusterNetworkPolicy]
    /// The peers of every rule, by policy.
    let scopes: [ObjectReference: [LocatedScope]]

    init(_ objects: [ClusterObject], _ options: CompilerOptions, _ resolvers: Resolvers) {
        inventory = Inventory(objects, exemptions: options.exemptions)
        self.options = options
        self.resolvers = resolvers
        selections = Selections(inventory)
        var review = PolicyReview(objects, options: options)
        sets = inventory.kinds.map { review.policySet(of: $0.example) }
        clusterPolicies = review.cluster.clusterPolicies
        scopes = Dictionary(
            inventory.policies.filter { $0.isolates.contains(.egress) }.map { ($0.reference, $0.scopes) }
                + clusterPolicies.map { ($0.reference, $0.scopes) }, uniquingKeysWith: { first, _ in first })
        self.review = review
    }

    /// The kinds of pods that a selection matches, without those on the host's
    /// network, which selectors do not mean.
    mutating func pods(_ selection: PodSelection) -> [PodKind] {
        selections.kinds(selection).map { inventory.kinds[$0] }.filter { !$0.key.hostNetwork }
    }

    /// Whether what policy denies in the namespace passes.
    func isInAudit(_ namespace: String) -> Bool {
        inventory.namespaces[namespace]?["sluice.dev/enforcement"] == "audit"
    }

    /// The kinds of pods that have each set.
    var kindsBySet: [PolicySetID: [Int]] { Dictionary(grouping: sets.indices) { sets[$0] } }
}

extension [ObjectReference] {
    /// Policies as reports name them.
    var text: String { map(\.description).joined(separator: ", ") }
}
