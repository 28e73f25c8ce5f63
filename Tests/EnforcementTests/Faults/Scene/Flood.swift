import Glibc
import KernelDatapath
import PacketLab
import VerdictTables

/// A pod that makes as many tuples, questions and denials as it can, beside one that answers whom it heard
/// a second ago.
final class Flood {
    let node: EnforcedNode
    private let loud: EnforcedPod
    private let victim: EnforcedPod
    private let peer: PodProcess
    /// The victim's sockets and the peer's, all of which talk to each other.
    private let servers: [SocketID]
    private let clients: [SocketID]
    private let more: [PodProcess]

    private static let firstServer: UInt16 = 5300
    private static let firstClient: UInt16 = 4000

    /// What came of a round.
    struct Figures {
        var seconds = 0.0
        var tuples = 0
        var questions = 0
        var denials = 0
        var answers = 0
        var refused = 0
        /// From the victim's first denial to the agent's word of it.
        var told: Double?

        var text: String {
            func rate(_ count: Int) -> String { "\(Int(Double(count) / max(seconds, 0.001)))/s" }
            return "flood: \(rate(tuples)) tuples, \(rate(questions)) questions, \(rate(denials)) denials of one pod "
                + "for \(seconds) s; \(refused) of \(answers) answers of another after 1 s refused; "
                + "its denial was told after \(told.map { "\($0) s" } ?? "ever")"
        }
    }

    init() throws {
        node = try EnforcedNode("--no-fail-fast", config: "names: {findResolvers: false, resolvers: [10.9.0.3]}\n")
        loud = try node.pod("loud", labels: "{app: loud}", "10.9.0.1")
        victim = try node.pod("victim", labels: "{app: victim}", "10.9.0.2")
        peer = try node.server("peer", "10.9.0.3")
        try node.policy("loud", selector: "{matchLabels: {app: loud}}", egress: "[\(Manifest.rule("10.9.0.3/32"))]")
        try node.policy("victim", selector: "{matchLabels: {app: victim}}", egress: "[]")
        try node.start()
        let container = try node.lab.cgroup("kubepods/burstable/poddefault-loud/container")
        more = try [1, 2].map { [node, loud] in try node.lab.start("loud-\($0)", in: container, loud.place) }
        servers = try (0..<20).map { [victim] in
            try Self.socket(victim.process, Endpoint("10.9.0.2", Self.firstServer + UInt16($0)))
        }
        clients = try (0..<100).map { [peer] in
            try Self.socket(peer, Endpoint("10.9.0.3", Self.firstClient + UInt16($0)))
        }
    }

    func close() { node.close() }

    private static func socket(_ process: PodProcess, _ at: Endpoint) throws -> SocketID {
        let socket = try process.open(.udp4)
        try process.demand(.bind(socket, at))
        return socket
    }

    /// 2,000 requests and their answers a second later, so many times, in the middle of the flood.
    func go(rounds: Int) throws -> Figures {
        var figures = Figures()
        let begun = ContinuousClock.now
        let shouting = try shout(forMs: rounds * 1500 + 1000)
        usleep(300_000)
        let mark = node.logMark
        let denied = ContinuousClock.now
        let stranger = try victim.process.open(.udp4)
        _ = try victim.process.run(.sendTo(stranger, Endpoint("10.9.0.4", 99), bytes: [1], fastOpen: false))
        for _ in 0..<rounds {
            for client in clients {
                try peer.demand(
                    .sendAcross(client, Endpoint("10.9.0.2", Self.firstServer), ports: servers.count, bytes: [1]))
            }
            let answering = Deadline(afterMs: 1000)
            while !answering.hasPassed {
                if figures.told == nil, isTold(since: mark) {
                    figures.told = Self.seconds(ContinuousClock.now - denied)
                }
                usleep(20_000)
            }
            for server in servers {
                let answered = try victim.process.run(
                    .sendAcross(server, Endpoint("10.9.0.3", Self.firstClient), ports: clients.count, bytes: [2]))
                figures.answers += clients.count
                figures.refused += clients.count - (answered.count ?? 0)
            }
        }
        let counts = try shouting.map { try $0.wait().count ?? 0 }
        figures.seconds = Self.seconds(ContinuousClock.now - begun)
        (figures.tuples, figures.questions) = (counts[0], counts[1])
        figures.denials = Int(try node.counters(loud).denied.packets)
        return figures
    }

    private func isTold(since mark: LogMark) -> Bool {
        node.log(since: mark).contains("DENIED default/victim to 10.9.0.4:99")
    }

    private static func seconds(_ duration: Duration) -> Double {
        (Double(duration.components.seconds) * 100 + Double(duration.components.attoseconds / 10_000_000_000_000_000))
            .rounded()
            / 100
    }

    /// Tuples of the pod's own making, questions to a resolver, and denials.
    private func shout(forMs duration: Int) throws -> [Busy] {
        let question: [UInt8] = [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 4, 116, 101, 115, 116, 0, 0, 1, 0, 1]
        return try [
            shout(loud.process, Endpoint("10.9.0.3", 1024), ports: 60_000, [7], duration),
            shout(more[0], Endpoint("10.9.0.3", 53), ports: 1, question, duration),
            shout(more[1], Endpoint("10.9.0.4", 1024), ports: 60_000, [7], duration),
        ]
    }

    private func shout(
        _ process: PodProcess, _ first: Endpoint, ports: Int, _ bytes: [UInt8], _ duration: Int
    ) throws -> Busy {
        let socket = try process.open(.udp4)
        return Busy(process, .sendAcross(socket, first, ports: ports, bytes: bytes, forMs: duration))
    }
}
