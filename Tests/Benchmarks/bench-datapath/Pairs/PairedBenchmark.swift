import BenchmarkSupport

/// What ratios compare, measured side by side: the candidates of a ratio take turns of a fraction of a second.
struct PairedBenchmark {
    let node: BenchmarkNode
    /// All that are loaded.
    let candidates: [any Candidate]
    let probes: Probes
    let extent: Extent

    func run() throws -> [Comparison] {
        guard extent.pairs > 0, let least = extent.sizes.first, let most = extent.sizes.last else { return [] }
        let many = DatapathReport.many(extent.sizes)
        var comparisons = [
            try compare("packets of an established flow", [(.empty, nil), (.sluice, many), (.trie, many)]) {
                try KernelPairs(node: node).measure(&$0, pairs: extent.pairs)
            }
        ]
        if most > least {
            comparisons.append(
                try compare("packets of an established flow", [(.sluice, most), (.sluice, least)]) {
                    try KernelPairs(node: node).measure(&$0, pairs: extent.pairs)
                })
        }
        if !extent.kernelOnly {
            comparisons.append(
                try compare("traffic", [(.none, nil), (.sluice, many), (.nftables, many)]) { try traffic(&$0) })
        }
        return comparisons
    }

    private func traffic(_ alternation: inout Alternation) throws -> [[[Measure: Double]]] {
        let tools = ToolTraffic(node, seconds: extent.seconds)
        return try RequestPairs(node: node, ends: .sleeping).measure(&alternation, pairs: extent.pairs)
            + RequestPairs(node: node, ends: .wakeful).measure(&alternation, pairs: extent.pairs)
            + (0..<extent.pairs).map { _ in try alternation.block { _ in try tools.briefly() } }
    }

    private func compare(
        _ what: String, _ sides: [(Design, Int?)], _ measure: (inout Alternation) throws -> [[[Measure: Double]]]
    ) throws -> Comparison {
        let chosen = try sides.map { design, prefixes in
            guard let found = candidates.first(where: { $0.design == design && $0.prefixes == prefixes }) else {
                throw LibraryError("\(design.title) is not among the candidates")
            }
            return found
        }
        say("side by side: \(what): \(chosen.map(\.title).joined(separator: " | "))")
        for candidate in chosen { _ = try candidate.inForce { try probes.check(candidate) } }
        var alternation = Alternation(chosen)
        var comparison = Comparison(chosen.map { .init($0.design, prefixes: $0.prefixes) })
        for block in try measure(&alternation) { comparison.add(block) }
        return comparison
    }
}
