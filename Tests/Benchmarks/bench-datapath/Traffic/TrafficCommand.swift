import ArgumentParser
import CPacketLab
import Glibc

/// The benchmark's other processes: it starts itself inside pods.
struct TrafficCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "traffic", shouldDisplay: false)

    @Argument var pattern: Pattern
    @Option var processor: Int
    @Option var count: Int = 0
    /// Where the sequence of addresses begins.
    @Option var first: Int = 0

    func run() throws {
        var words = [UInt](repeating: 0, count: processor / 64 + 1)
        words[processor / 64] = 1 << UInt(processor % 64)
        _ = lab_run_on(words, UInt(words.count * 8))
        // Other work on the machine must not come between question and answer.
        var priority = sched_param(sched_priority: 1)
        sched_setscheduler(0, SCHED_FIFO, &priority)
        switch pattern {
        case .serveTCP: try Server.tcp()
        case .serveUDP: try Server.udp()
        case .tcpRequests: try Client.requests(.stream, count)
        case .udpRequests: try Client.requests(.datagram, count)
        case .tcpFirst: try Client.connections(count) { BenchmarkTables.address(first + $0) }
        case .udpFirst: try Client.datagrams(count) { BenchmarkTables.address(first + $0) }
        case .udpDenied: try Client.datagramsToOne(BenchmarkTables.denied, count)
        case .tcpDenied: try Client.connections(count) { _ in BenchmarkTables.denied }
        }
        print("done")
    }
}
