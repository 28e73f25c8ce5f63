import BenchmarkSupport

/// Microseconds that a denied call costs who makes it, packets that come of it included.
struct Denials {
    private let node: BenchmarkNode
    private let count: Int

    init(_ node: BenchmarkNode, count: Int) {
        self.node = node
        self.count = count
    }

    func measure(_ candidate: any Candidate) throws -> [Measure: Double] {
        guard candidate.design.enforces, let prefixes = candidate.prefixes else { return [:] }
        func microseconds(_ pattern: Pattern) throws -> Double {
            try node.run(pattern, count: count, among: prefixes) / Double(count) * 1e6
        }
        return [.deniedConnect: try microseconds(.tcpDenied), .deniedDatagram: try microseconds(.udpDenied)]
    }
}
