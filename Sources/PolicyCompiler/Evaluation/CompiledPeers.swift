/// A rule's peers, arranged for the question which of them an address is: a list may name a million
/// blocks, and a million addresses are asked about.
struct CompiledPeers: Sequence, ExpressibleByArrayLiteral {
    private let all: [CompiledRule.CompiledPeer]
    /// Blocks and nodes.
    let named: Set<PeerID>
    /// Those that select pods; domain names are asked about elsewhere.
    let selecting: [CompiledRule.CompiledPeer]

    init(_ peers: [CompiledRule.CompiledPeer]) {
        all = peers
        var named: Set<PeerID> = []
        var selecting: [CompiledRule.CompiledPeer] = []
        for peer in peers {
            switch peer {
            case .block(let id, _), .nodes(let id): named.insert(id)
            case .pods: selecting.append(peer)
            case .domains: break
            }
        }
        self.named = named
        self.selecting = selecting
    }

    init(arrayLiteral peers: CompiledRule.CompiledPeer...) { self.init(peers) }

    func makeIterator() -> IndexingIterator<[CompiledRule.CompiledPeer]> { all.makeIterator() }
}
