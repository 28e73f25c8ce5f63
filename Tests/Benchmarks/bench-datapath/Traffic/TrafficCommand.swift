import ArgumentParser
import BenchmarkSupport
import Glibc

/// The benchmark's own traffic: it starts itself inside the pod and outside.
struct TrafficCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "traffic", shouldDisplay: false)

    @Argument var pattern: Pattern
    @Option var count: Int = 0
    /// The list's length.
    @Option var among: Int = 1
    /// Where in the list the sequence of addresses begins.
    @Option var first: Int = 0

    /// Prints the seconds that it took.
    func run() throws {
        // Other work on the machine must not come between question and answer.
        var priority = sched_param(sched_priority: 1)
        sched_setscheduler(0, SCHED_FIFO, &priority)
        let begun = secondsNow()
        let denied = PrefixList.address(among)
        switch pattern {
        case .serveTCP: try Server.tcp()
        case .serveUDP: try Server.udp()
        case .serveNames: try Server.names()
        case .tcpRequests: try Client.requests(.stream, count)
        case .udpRequests: try Client.requests(.datagram, count)
        case .nameQueries: try Client.nameQueries(count)
        case .tcpConnections: try Client.connections(count)
        case .tcpFirst: try Client.attempts(count) { PrefixList.address((first + $0) % among) }
        case .udpFirst: try Client.datagrams(count) { PrefixList.address((first + $0) % among) }
        case .tcpDenied: try Client.attempts(count) { _ in denied }
        case .udpDenied: try Client.datagrams(count) { _ in denied }
        case .udpDeniedPackets: try Client.connectedDatagrams(count, to: denied)
        }
        print(secondsNow() - begun)
    }
}
