import PolicyCompiler
import PolicyModel
import VerdictTables

/// What rules can tell of an endpoint.
struct EndpointLikeness: Hashable {
    /// The kind of pod; nil if it is none.
    var kind: Int?
    /// Blocks, nodes and guards.
    var others: [PeerIdentity] = []
    var port: UInt16
    var ports: [NamedPort] = []
}

/// The destinations that the rules of a set tell from others.
struct Mentioned {
    var kinds: Set<Int> = []
    var blocks: Set<PeerIdentity> = []
    /// Ports everywhere, or nodes.
    var isAnywhere = false
}

/// Finds what has an endpoint that a set mentions.
struct PortIndex {
    private var byKind: [Int: [Int]] = [:]
    private var byBlock: [PeerIdentity: [Int]] = [:]
    private let all: Range<Int>

    init(_ likenesses: [[EndpointLikeness]]) {
        all = likenesses.indices
        for place in likenesses.indices {
            for kind in Set(likenesses[place].compactMap(\.kind)) { byKind[kind, default: []].append(place) }
            for block in Set(likenesses[place].flatMap(\.others)) { byBlock[block, default: []].append(place) }
        }
    }

    func places(_ mentioned: Mentioned) -> Set<Int> {
        if mentioned.isAnywhere { return Set(all) }
        var places: Set<Int> = []
        if mentioned.kinds.count < byKind.count {
            for kind in mentioned.kinds { places.formUnion(byKind[kind] ?? []) }
        } else {
            for (kind, found) in byKind where mentioned.kinds.contains(kind) { places.formUnion(found) }
        }
        for block in mentioned.blocks { places.formUnion(byBlock[block] ?? []) }
        return places
    }
}

extension LintContext {
    mutating func mentioned(by set: PolicySetID) -> Mentioned {
        var mentioned = Mentioned()
        for reference in review.policies(of: set) {
            for placed in scopes[reference] ?? [] {
                switch placed.scope.destination {
                case .everything: mentioned.isAnywhere = mentioned.isAnywhere || placed.scope.ports != nil
                case .nodes: mentioned.isAnywhere = true
                case .domains: continue
                case .pods(let selection): mentioned.kinds.formUnion(selections.kinds(selection))
                case .block(let block):
                    mentioned.blocks.insert(.block(cidr: block.prefix, except: block.except))
                }
            }
        }
        return mentioned
    }
}
