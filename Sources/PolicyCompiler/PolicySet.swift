import PolicyModel
import VerdictTables

/// What identifies a policy set: which policies, as they stand, are about the pod,
/// and which guards do not apply to it.
///
/// A policy that is edited makes another set: what the old one says is never
/// changed under the pods that still point to it.
struct PolicySetKey: Hashable {
    /// Of tier Admin, in the order in which they are asked.
    var admin: [ClusterNetworkPolicy] = []
    /// Those that isolate, sorted by name; all of one namespace.
    var policies: [NetworkPolicy] = []
    /// Of tier Baseline, in the order in which they are asked. Empty where the pod
    /// is isolated: they are then never asked.
    var baseline: [ClusterNetworkPolicy] = []
    var exempt: Set<Guard.Kind> = []

    var isolated: Bool { !policies.isEmpty }
    var isEmpty: Bool { admin.isEmpty && policies.isEmpty && baseline.isEmpty && exempt.isEmpty }

    /// Whether a policy may deny something, so that replies must be told apart.
    var mayDeny: Bool {
        isolated || (admin + baseline).contains { $0.rules.contains { $0.action == .deny } }
    }

    /// Whether a rule names domains.
    var hasNames: Bool { (admin + baseline).contains { $0.rules.contains(where: \.hasNames) } }

    /// Every policy, in the order in which tiers are asked.
    var references: [ObjectReference] {
        admin.map(\.reference) + policies.map { ObjectReference(.networkPolicy, $0.key) }
            + baseline.map(\.reference)
    }

    var stableHash: UInt64 {
        var hash = StableHash()
        hash.add(UInt64(exempt.count))
        for kind in Guard.Kind.allCases where exempt.contains(kind) { hash.add(kind.rawValue) }
        hash.add(UInt64(admin.count))
        for policy in admin { hash.add(policy) }
        hash.add(UInt64(policies.count))
        for policy in policies { hash.add(policy) }
        hash.add(UInt64(baseline.count))
        for policy in baseline { hash.add(policy) }
        return hash.value
    }
}

/// A rule of a set's policies, ready to be asked about an address class.
struct CompiledRule {
    enum CompiledPeer {
        /// Namespaces by name; nil asks the selector.
        case pods(namespace: String?, selector: LabelSelector, pods: LabelSelector)
        case block(PeershipID, IPBlock)
        case nodes(PeershipID)
        case domains(NamePeerID)
    }

    /// As reports name it.
    var policy: String
    var index: Int
    var action: ClusterEgressRule.Action
    var cause: CauseID
    /// Set where the policy belongs to a tier of the administrators.
    var tierRule: TierRule?
    var peers: CompiledPeers?
    var ports: [PolicyPort]?
    /// How many rules of its tier that name domains come before it.
    var namesBefore: UInt16 = 0
    /// Its own number among them; nil if it names none.
    var namePlace: UInt16?
    /// Whether its domain names count where the answer is private or guarded.
    var allowsPrivateAnswers = false

    var outcome: Claim.Outcome {
        switch action {
        case .accept: .decide(Decision(.allow, cause))
        case .deny: .decide(Decision(.deny, cause))
        case .pass: .skipStep
        }
    }
}

/// The places of the rules that name one list of domain names.
struct NameUses {
    var admin: [Int] = []
    var baseline: [Int] = []
}

struct CompiledSet {
    var key: PolicySetKey
    /// In the order in which they are asked, tier by tier.
    var admin: [CompiledRule] = []
    /// Of NetworkPolicies: any that matches allows.
    var rules: [CompiledRule] = []
    var baseline: [CompiledRule] = []
    /// What its rules name, as often as they do.
    var blocks: [IPBlock] = []
    var nodeSelectors: [LabelSelector] = []
    var domains: [[DomainPattern]] = []
    /// Those rules that have a number, by their lists.
    var nameUses: [NamePeerID: NameUses] = [:]
    /// How many rules of each tier name domains.
    var names = Precedence.first
    /// What decides when nothing else does.
    var last: Decision

    var allRules: [CompiledRule] { admin + rules + baseline }

    /// Whether some rule is so; without a copy of them, as all sets are asked about a class that comes.
    func hasRule(where isSo: (CompiledRule) -> Bool) -> Bool {
        admin.contains(where: isSo) || rules.contains(where: isSo) || baseline.contains(where: isSo)
    }

    var causes: [CauseID] { allRules.map(\.cause) + [last.cause] }

    /// The rule that allows everything everywhere, if there is one.
    var openRule: CompiledRule? { rules.first { $0.peers == nil && $0.ports == nil } }
}

extension ClusterEgressRule {
    /// Whether a peer of it is domain names.
    var hasNames: Bool {
        action == .accept && peers?.contains { if case .domains = $0 { true } else { false } } ?? false
    }
}

extension IPBlock {
    var peership: Peership {
        .block(cidr: prefix.description, except: except.map(\.description))
    }
}
