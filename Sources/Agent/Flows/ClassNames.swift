import PolicyModel
package import VerdictTables

/// What addresses of a class are called, beside who has them.
package struct ClassNames: Hashable, Sendable {
    /// The metadata endpoint, by the name of its guard.
    package var metadata: String?
    /// CIDR blocks of rules that hold the address, the narrowest first; only for
    /// classes of addresses that nothing in the cluster has.
    package var blocks: [String] = []
    package var isOwnNode = false

    /// Nil where there is nothing to be said.
    package init?(_ identities: [PeerIdentity]) {
        var isInside = false
        var prefixes: Set<Prefix> = []
        for identity in identities {
            switch identity {
            case .pods, .service, .nodes: isInside = true
            case .block(let cidr, _): prefixes.insert(cidr)
            case .guarded(NodePorts.guardName): isInside = true
            case .guarded(let name): metadata = min(metadata ?? name, name)
            case .ownNode: isOwnNode = true
            }
        }
        if !isInside && !isOwnNode && metadata == nil {
            blocks = prefixes.sorted { ($0.length, $0) > ($1.length, $1) }.map(\.description)
        }
        if metadata == nil && blocks.isEmpty && !isOwnNode { return nil }
    }
}
