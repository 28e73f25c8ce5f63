import PolicyModel
import VerdictTables

/// What identifies a policy set: which policies, as they stand, isolate the pod,
/// and whether guards apply to it.
///
/// A policy that is edited makes another set: what the old one says is never
/// changed under the pods that still point to it.
struct PolicySetKey: Hashable {
    /// Sorted by name; all of one namespace.
    var policies: [NetworkPolicy]
    var exempt: Bool

    var isolated: Bool { !policies.isEmpty }

    var stableHash: UInt64 {
        var hash = StableHash()
        hash.add(exempt ? 1 : 0)
        for policy in policies { hash.add(policy) }
        return hash.value
    }
}

/// The rules of a set's policies, ready to be asked about an address class.
struct CompiledRule {
    enum CompiledPeer {
        /// Namespaces by name; nil asks the selector.
        case pods(namespace: String?, selector: LabelSelector, pods: LabelSelector)
        case block(PeershipID, IPBlock)
    }

    var policy: String
    var index: Int
    var cause: CauseID
    var peers: [CompiledPeer]?
    var ports: [PolicyPort]?
}

struct CompiledSet {
    var key: PolicySetKey
    var rules: [CompiledRule]
    /// The blocks of its rules, as often as rules name them.
    var blocks: [IPBlock]
    /// What decides when nothing else does.
    var last: Claim

    /// Whether some rule allows everything everywhere.
    var allowsEverything: Bool { rules.contains { $0.peers == nil && $0.ports == nil } }
}

extension IPBlock {
    var peership: Peership {
        .block(cidr: prefix.description, except: except.map(\.description))
    }
}
