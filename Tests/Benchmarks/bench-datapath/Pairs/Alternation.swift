import BenchmarkSupport
import Glibc
import TestHarness

/// Candidates that take turns of a fraction of a second: programs and lists are loaded, only links and chains change.
///
/// A block is a turn of each. Two blocks in succession have opposite orders (ABBA), so that what drifts meets all
/// alike; the first of the two is shuffled.
struct Alternation {
    let candidates: [any Candidate]
    private var order: [Int]
    private var isSecond = false
    private var random = SplitMix64(seed: 1)

    /// Microseconds between a candidate's coming into force and what is measured of it: time for the kernel's
    /// grace periods, and for a connection to meet it first.
    private static let settling: UInt32 = 50_000

    init(_ candidates: [any Candidate]) {
        self.candidates = candidates
        order = Array(candidates.indices)
    }

    /// A turn of each, alone in force.
    ///
    /// - Returns: what was read, in the candidates' order.
    mutating func block<Reading>(_ read: (any Candidate) throws -> Reading) throws -> [Reading] {
        if isSecond { order.reverse() } else { order.shuffle(using: &random) }
        isSecond.toggle()
        var readings = [Reading?](repeating: nil, count: candidates.count)
        for index in order {
            readings[index] = try candidates[index].inForce {
                usleep(Self.settling)
                return try read(candidates[index])
            }
        }
        return readings.compactMap(\.self)
    }
}
