package import PolicyModel
import VerdictTables

/// What identifies a policy set, which is what policy says to a pod in one direction: the
/// policies that select the pod, as they stand, and the guards that do not apply to it.
///
/// A policy that is edited makes another set: what the old one says is never
/// changed under the pods that still point to it.
package struct PolicySetKey: Hashable {
    /// Policies hold the rules of this direction alone.
    var direction: Direction
    /// Of tier Admin, in the order in which they are asked.
    var admin: [ClusterNetworkPolicy] = []
    /// Those that isolate, sorted by name; all of one namespace.
    package var policies: [NetworkPolicy] = []
    /// Of tier Baseline, in the order in which they are asked. Empty where the pod
    /// is isolated: they are then never asked.
    var baseline: [ClusterNetworkPolicy] = []
    var exempt: Set<Guard.Kind> = []
    /// The named ports of the pod itself, sorted, where an ingress rule names a port; else
    /// empty, so that replicas share a set whatever ports they have. An egress rule's names
    /// are resolved on the remote end.
    private(set) var subjectPorts: [NamedPort] = []

    var isolated: Bool { !policies.isEmpty }
    /// Whether it is the set `.guardsOnly`: no policy selects the pod, and every guard applies.
    var isGuardsOnly: Bool {
        direction == .egress && admin.isEmpty && policies.isEmpty && baseline.isEmpty && exempt.isEmpty
    }

    /// Adds the pod's ports that ingress rules name.
    mutating func resolveNamedPorts(on subject: Pod) {
        guard direction == .ingress else { return }
        let ports =
            admin.flatMap(\.rules).compactMap(\.ports) + policies.flatMap(\.rules).compactMap(\.ports)
            + baseline.flatMap(\.rules).compactMap(\.ports)
        subjectPorts = subject.namedPorts.filter { port in ports.joined().contains { $0.names(port) } }.sorted()
    }

    /// Whether a policy may deny something, so that replies must be told apart.
    var mayDeny: Bool {
        isolated || (admin + baseline).contains { $0.rules.contains { $0.action == .deny } }
    }

    /// Whether a rule names domains.
    var hasNames: Bool { admin.contains { $0.rules.contains(where: \.hasNames) } }

    /// Every policy, in the order in which tiers are asked.
    var references: [ObjectReference] {
        admin.map(\.reference) + policies.map { ObjectReference(.networkPolicy, $0.key) }
            + baseline.map(\.reference)
    }
}

/// A rule of a set's policies, ready to be asked about an address class.
struct CompiledRule {
    enum CompiledPeer {
        /// Namespaces by name; nil asks the selector.
        case pods(namespace: String?, selector: LabelSelector, pods: LabelSelector)
        case block(PeerID, IPBlock)
        case nodes(PeerID)
        case domains(NamePeerID)
    }

    var policy: ObjectReference
    var index: Int
    var action: TierPolicyRule.Action
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
    /// See `Precedence.grace`.
    var nameGrace = Precedence.defaultGrace

    var outcome: RuleOutcome.Outcome {
        switch action {
        case .accept: .decide(Decision(.allow, cause))
        case .deny: .decide(Decision(.deny, cause))
        case .pass: .skipStage
        }
    }
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
    /// The places in `admin` of those rules that have a number, by their lists.
    var nameUses: [NamePeerID: [Int]] = [:]
    /// How many rules name domains.
    var dnsRuleCount = Precedence.first
    /// What decides when nothing else does.
    var last: Decision
    /// Which of `allRules` name a block or nodes.
    private(set) var rulesNaming: [PeerID: [Int]] = [:]
    /// Those of them that are about every destination.
    private(set) var rulesForAll: [Int] = []

    init(key: PolicySetKey, last: Decision) {
        self.key = key
        self.last = last
    }

    /// To be called when all rules are there.
    mutating func index() {
        for (place, rule) in allRules.enumerated() {
            guard let peers = rule.peers else {
                rulesForAll.append(place)
                continue
            }
            for id in peers.named { rulesNaming[id, default: []].append(place) }
        }
    }

    /// Which rules are about an address that is nothing but blocks and nodes.
    func rules(about members: [PeerID]) -> [Int] {
        var found = Set(rulesForAll)
        for member in members { found.formUnion(rulesNaming[member] ?? []) }
        return found.sorted()
    }

    var allRules: [CompiledRule] { admin + rules + baseline }

    /// Whether some rule is so; without a copy of them, as all sets are asked about a class that comes.
    func hasRule(where isSo: (CompiledRule) -> Bool) -> Bool {
        admin.contains(where: isSo) || rules.contains(where: isSo) || baseline.contains(where: isSo)
    }

    var causes: [CauseID] { allRules.map(\.cause) + [last.cause] }

    /// The rule that allows everything everywhere, if there is one.
    var openRule: CompiledRule? { rules.first { $0.peers == nil && $0.ports == nil } }
}

extension TierPolicyRule {
    /// Whether a peer of it is domain names.
    var hasNames: Bool {
        action == .accept && peers?.contains { if case .domains = $0 { true } else { false } } ?? false
    }
}

extension IPBlock {
    var identity: PeerIdentity {
        .block(cidr: prefix, except: except)
    }
}

extension PolicyPort {
    /// Whether it means a container's port by its name.
    func names(_ port: NamedPort) -> Bool {
        guard case .named(let name) = number else { return false }
        return name == port.name && `protocol` == port.protocol
    }
}
