import ArgumentParser
import KernelDatapath
import PolicyModel
import VerdictTables

struct RepliesMap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replies",
        abstract: "UDP and SCTP flows of isolated pods: which side began, and when they were last seen.",
        discussion: "Example: sluice maps replies -o json")

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    private struct Row: MapRow {
        static let header = ["POD", "REMOTE", "LOCAL PORT", "PROTOCOL", "BEGUN BY", "SECONDS AGO"]
        var pod: String
        var remote: String
        var localPort: UInt16
        var `protocol`: String
        var begunBy: String
        var secondsAgo: UInt64
        var cells: [String] {
            [pod, remote, String(localPort), `protocol`, begunBy, String(secondsAgo)]
        }
    }

    func run() throws {
        try exiting {
            let view = try NodeView(node)
            let now = KernelClock.now()
            try output.format.show(
                view.tables.replies().map { tuple, mark in
                    Row(
                        pod: view.podName(tuple.pod),
                        remote: tuple.remote.isIPv4
                            ? "\(tuple.remote):\(tuple.remotePort)" : "[\(tuple.remote)]:\(tuple.remotePort)",
                        localPort: tuple.localPort,
                        protocol: TransportProtocol(rawValue: tuple.protocolNumber)?.name
                            ?? String(tuple.protocolNumber),
                        begunBy: mark.direction == .inbound ? "the peer: may reply" : "the pod",
                        secondsAgo: now > mark.seen ? (now - mark.seen) / 1_000_000_000 : 0)
                })
        }
    }
}
