import BenchmarkSupport
import PacketLab

/// Whether a candidate enforces what it is measured for: a benchmark of something that lets
/// everything pass, or nothing, is worth nothing.
///
/// Every address that is tried is there and answers, so that silence is the candidate's doing.
struct Probes {
    private let node: BenchmarkNode
    /// Of the shortest list: beyond it where there is none.
    private let shortest: Int

    init(_ node: BenchmarkNode, shortest: Int) {
        self.node = node
        self.shortest = shortest
    }

    /// Tries the first and the last entry of the list and the first address that is not in it.
    ///
    /// - Returns: how a denied connect ended; nil where nothing is denied.
    func check(_ candidate: any Candidate) throws -> String? {
        let length = candidate.prefixes ?? shortest
        for index in Set([0, length - 1]) {
            let address = PrefixList.address(index)
            try expect(candidate, "TCP to \(address)", node.tryTCP(address), passes: true)
            try expect(candidate, "UDP to \(address)", node.tryUDP(address), passes: true)
        }
        let beyond = PrefixList.address(length)
        let outcome = try node.tryTCP(beyond)
        try expect(candidate, "TCP to \(beyond)", outcome, passes: !candidate.design.enforces)
        try expect(candidate, "UDP to \(beyond)", node.tryUDP(beyond), passes: !candidate.design.enforces)
        return candidate.design.enforces ? outcome.description : nil
    }

    private func expect(
        _ candidate: any Candidate, _ what: String, _ outcome: ErrnoName, passes: Bool
    ) throws {
        guard (outcome == .ok) != passes else { return }
        throw LibraryError("\(candidate.title): \(what) should \(passes ? "" : "not ")pass, and it came to \(outcome)")
    }
}
