import BenchmarkSupport
import Glibc
import PacketLab
import TestHarness

/// How much of it.
struct Extent {
    var sizes: [Int]
    var rounds: Int
    /// How often the candidates of a ratio take turns.
    var pairs: Int
    /// Of each tool.
    var seconds: Int
    /// On an established connection, for the kernel's count.
    var requests: Int
    /// Nothing but the kernel's count.
    var kernelOnly: Bool
}

/// Interleaved rounds: each candidate has its turn once, then all have again, each alone in force.
final class Benchmark {
    private let extent: Extent
    private let node: BenchmarkNode
    private let candidates: [any Candidate]
    private let probes: Probes
    private var denials: [String?]
    /// By candidate.
    private var figures: [[Measure: [Double]]]

    init(_ node: BenchmarkNode, _ extent: Extent) throws {
        self.node = node
        self.extent = extent
        candidates = try Self.candidates(node, extent)
        probes = Probes(node, shortest: extent.sizes.min() ?? 1)
        denials = candidates.map { _ in nil }
        figures = candidates.map { _ in [:] }
    }

    private static func candidates(_ node: BenchmarkNode, _ extent: Extent) throws -> [any Candidate] {
        var candidates: [any Candidate] = [try ComparisonProgram.empty(node)]
        if !extent.kernelOnly { candidates.append(NoEnforcement()) }
        if let least = extent.sizes.first {
            candidates.append(try SluiceProgram(prefixes: least, namesDomains: true, node: node))
        }
        for size in extent.sizes {
            say("loading \(grouped(size)) CIDRs")
            let sluice = try SluiceProgram(prefixes: size, node: node)
            candidates += [sluice, try ComparisonProgram.trie(beside: sluice, node)]
            guard !extent.kernelOnly else { continue }
            candidates.append(try Nftables(prefixes: size, router: node.router, directory: node.lab.directory))
            candidates.append(try Iptables(prefixes: size, router: node.router, directory: node.lab.directory))
        }
        return candidates
    }

    func run() throws -> DatapathReport {
        // Nobody is always first, and nobody always follows the same one.
        var order = SplitMix64(seed: 1)
        for round in 0..<extent.rounds {
            for index in candidates.indices.shuffled(using: &order) {
                say("round \(round + 1) of \(extent.rounds): \(candidates[index].title)")
                try candidates[index].inForce { try take(index, round) }
            }
        }
        return try report(
            PairedBenchmark(node: node, candidates: candidates, probes: probes, extent: extent).run())
    }

    /// Its turn in a round; it is in force.
    private func take(_ index: Int, _ round: Int) throws {
        let candidate = candidates[index]
        denials[index] = try probes.check(candidate)
        var found = try KernelTimes(node, requests: extent.requests).measure(candidate, round: round)
        // Names change what programs take, and nothing that tools could see.
        if !extent.kernelOnly, candidate.design != .named {
            found.merge(try ToolTraffic(node, seconds: extent.seconds).measure()) { $1 }
            found.merge(try Denials(node, count: min(10_000, extent.requests)).measure(candidate)) { $1 }
        }
        for (measure, figure) in found { figures[index][measure, default: []].append(figure) }
    }

    private func report(_ comparisons: [Comparison]) throws -> DatapathReport {
        DatapathReport(
            rounds: extent.rounds, seconds: extent.seconds,
            tools: extent.kernelOnly ? [:] : try ToolTraffic.versions(),
            candidates: candidates.indices.map { index in
                var candidate = DatapathReport.Candidate(
                    design: candidates[index].design, prefixes: candidates[index].prefixes)
                candidate.loading = candidates[index].loading
                candidate.denial = denials[index]
                candidate.figures = figures[index].compactMapValues(Spread.init)
                return candidate
            }, comparisons: comparisons)
    }
}

/// To whoever waits.
func say(_ text: String) {
    let line = text + "\n"
    write(STDERR_FILENO, line, line.utf8.count)
}
