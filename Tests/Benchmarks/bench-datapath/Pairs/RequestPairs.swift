import BenchmarkSupport
import Glibc
import PacketLab

/// Requests and responses of 64 bytes on one TCP connection by sockperf, which notes when each was answered, while
/// candidates take turns.
struct RequestPairs {
    /// Where waking up a process costs more than anything else, it helps that none goes to sleep: both ends ask
    /// the kernel again and again.
    enum Ends {
        case sleeping, wakeful

        var port: UInt16 { self == .sleeping ? Port.sockperf : Port.wakefulSockperf }
        var options: [String] { self == .sleeping ? [] : ["--nonblocked"] }
    }

    let node: BenchmarkNode
    let ends: Ends

    /// Seconds of one turn.
    private static let turn = 0.2
    /// Seconds that sockperf sends at most; it keeps memory for as many.
    private static let limit = 25
    /// Seconds in which it wants to take turns, and those of its sending that it leaves out of its account: 0.4 at
    /// the beginning and 0.05 at the end, which without a processor's counter it takes for that many times the
    /// processor's GHz.
    private static let conversation = 15.0, warmUp = 2.0, coolDown = 0.5

    /// - Returns: that many blocks.
    func measure(_ alternation: inout Alternation, pairs: Int) throws -> [[[Measure: Double]]] {
        // A server that never sleeps is there only where it is needed.
        let server = ends == .wakeful ? try node.serveSockperf(ends.port, ends.options) : nil
        defer { server?.kill() }
        var blocks: [[[Measure: Double]]] = []
        var failures = 0
        while blocks.count < pairs {
            let (more, report) = try converse(&alternation, atMost: pairs - blocks.count)
            blocks += more
            // As with other tools, a machine may be too busy once or twice.
            failures += more.isEmpty ? 1 : 0
            guard failures < 3 else { throw node.failure(["sockperf"], report) }
        }
        return blocks
    }

    /// - Returns: the blocks all of whose turns were answered, and for people why that may be none.
    private func converse(
        _ alternation: inout Alternation, atMost count: Int
    ) throws -> (blocks: [[[Measure: Double]]], report: String) {
        let file = "\(node.lab.directory)/requests.csv"
        defer { unlink(file) }
        let client = try node.start(
            SockperfCommand.requests(ends.port, seconds: Self.limit) + ends.options
                + ["--no-rdtsc", "--full-log", file])
        defer { client.program.kill() }
        try node.waitForTraffic(of: client)
        usleep(UInt32(Self.warmUp * 1e6))
        let end = secondsNow() + Self.conversation
        var windows: [[(begin: Double, end: Double)]] = []
        while windows.count < count, secondsNow() < end {
            windows.append(
                try alternation.block { _ in
                    let begin = secondsNow()
                    usleep(UInt32(Self.turn * 1e6))
                    return (begin, secondsNow())
                })
        }
        usleep(UInt32(Self.coolDown * 1e6))
        // It ends as by ^C, with its reports.
        kill(client.program.pid, SIGINT)
        let said = try node.end(of: client)
        let log = SockperfLog(readText(file))
        let blocks = windows.compactMap { block in
            let found = block.compactMap { log.figures(from: $0.begin, to: $0.end) }
            return found.count == block.count ? found.map(figures) : nil
        }
        let extent = "from \(log.received.first ?? .nan) to \(log.received.last ?? .nan)"
        return (blocks, "no turn of all candidates is in its log, which goes \(extent), of \(windows): \(said)")
    }

    private func figures(_ output: SockperfOutput) -> [Measure: Double] {
        switch ends {
        case .sleeping: [.requestRate: output.rate, .requestMedian: output.median, .requestTail: output.tail]
        case .wakeful: [.wakefulRate: output.rate, .wakefulMedian: output.median, .wakefulTail: output.tail]
        }
    }
}
