import BenchmarkSupport
import Glibc
import PacketLab

/// Nanoseconds that egress programs take for a packet of an established connection, while candidates take turns.
struct KernelPairs {
    let node: BenchmarkNode

    /// Microseconds of one turn.
    private static let turn: UInt32 = 150_000

    /// - Returns: that many blocks, each with a connection of its own and programs loaded anew: where sockets and
    ///   programs lie in memory, which makes a fifth of a difference, must not count.
    func measure(_ alternation: inout Alternation, pairs: Int) throws -> [[[Measure: Double]]] {
        let statistics = try StatisticsSwitch()
        let blocks = try (0..<pairs).map { _ in
            for candidate in alternation.candidates { try candidate.reload() }
            let client = try node.start(.tcpRequests)
            defer { client.program.kill() }
            try node.waitForTraffic(of: client)
            return try alternation.block { candidate in
                guard let clock = candidate.clocks[.egress] else {
                    throw LibraryError("\(candidate.title) has no egress program")
                }
                let before = try clock.read()
                usleep(Self.turn)
                let reading = try clock.read().since(before)
                guard reading.runs > 0 else { throw LibraryError("\(candidate.title): no packet in its turn") }
                return [Measure.kernelTCP: reading.perRun]
            }
        }
        _ = consume statistics
        return blocks
    }
}
