import Agent
import AgentAPI
import Flows
import Glibc
import KernelDatapath
import PacketLab
import PolicyModel
import TestHarness

/// A node on which much happens for long: flows of every kind, answers of a resolver, pods, edits.
final class SoakScene {
    let node: EnforcedNode
    private let client: EnforcedPod
    private let free: EnforcedPod
    private let crowd: Crowd
    private var random: SplitMix64
    private var round = 0

    /// In a tenth.
    private static let rounds = 40
    /// In a round, of each of the five kinds of flows.
    private static let flows = 500
    /// In a round.
    private static let queries = 250
    private static let podsAtATime = 250

    private static let resolver = "10.9.0.53"

    init(seed: UInt64) throws {
        random = SplitMix64(seed: seed)
        node = try EnforcedNode(
            config: """
                names: {findResolvers: false, resolvers: [\(Self.resolver)]}
                flows: {eventsPerSecond: 0}
                """)
        client = try node.pod("client", "10.9.0.1")
        free = try node.pod("free", namespace: "open", "10.9.0.2")
        crowd = Crowd(node)
        try startResolver()
        try write(edit: 0)
        try node.start()
    }

    func close() { node.close() }

    private func startResolver() throws {
        let command = try Resolver.dnsmasq(records: ["--address=/example.com/11.0.0.9"]).command(in: node.directory)
        _ = try node.lab.launch(
            command, in: node.lab.cgroup("servers/dns"), node.network().host("dns", Self.resolver),
            output: "\(node.directory)/resolver")
    }

    /// The policy of the client's namespace, in one of many versions.
    private func write(edit: Int) throws {
        try node.write(
            "soak.yaml",
            """
            apiVersion: policy.networking.k8s.io/v1alpha2
            kind: ClusterNetworkPolicy
            metadata: {name: soak}
            spec:
              tier: Admin
              priority: 10
              subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: default}}}
              egress:
              - {name: resolvers, action: Accept, to: [{networks: [10.9.0.52/30]}]}
              - {name: open, action: Accept, to: [{networks: [12.0.0.0/8, 13.\(edit % 200).0.0/16]}]}
              - {name: names, action: Accept, to: [{domainNames: ['*.example.com', v\(edit % 7).example.org]}]}
              - {name: rest, action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}
            ---

            """)
    }

    /// - Parameter seconds: for all; it takes longer where the machine is slow.
    func go(for seconds: Int) throws -> [SoakTenth] {
        guard let agent = node.agent.map({ AgentProcess(pid: $0.pid) }) else { throw LabError("soak", "no agent runs") }
        // What is needed once is there before anything is measured.
        for _ in 0..<4 { _ = try playRound() }
        return try (0..<10).map { _ in
            var tenth = SoakTenth()
            let begun = ContinuousClock.now
            let (before, answers, lost) = (agent.processorSeconds, try counts().answers, try counts().lost)
            var sent = 0
            for number in 0..<Self.rounds {
                let due = begun + .milliseconds(seconds * 100 * number / Self.rounds)
                while ContinuousClock.now < due { usleep(1000) }
                sent += try playRound()
                tenth.edits += 1
                if number % 10 == 9 {
                    try crowd.come(Self.podsAtATime, &random)
                    try node.waitUntil("the crowd") { try crowd.known() == Self.podsAtATime }
                    try crowd.go(&random)
                    tenth.pods += Self.podsAtATime
                }
            }
            try node.settle()
            let now = try counts()
            tenth.seconds = (ContinuousClock.now - begun) / .seconds(1)
            tenth.lost = now.lost - lost
            tenth.told = sent - tenth.lost
            tenth.answers = now.answers - answers
            tenth.processorSeconds = agent.processorSeconds - before
            tenth.resident = agent.resident
            tenth.descriptors = agent.descriptors
            tenth.threads = agent.threads
            return tenth
        }
    }

    private func counts() throws -> (answers: Int, lost: Int) {
        (
            Int(try AnswerCounters(pins: node.pins).read().read),
            Int(try KernelTables(pins: node.pins).lostEvents().total)
        )
    }

    /// Flows of each kind, all of them new, and queries; it returns when the agent has told of the last flow.
    ///
    /// - Returns: how many flows there were.
    private func playRound() throws -> Int {
        round += 1
        try ask()
        try write(edit: round)
        // Allowed by address, by name, guarded, denied beside a name, denied.
        _ = try sweep(client, "12.0.0.0")
        _ = try sweep(client, "11.0.0.9")
        _ = try sweep(free, "169.254.169.254")
        _ = try sweep(client, "11.0.0.10")
        let last = try sweep(client, "203.0.113.0")
        let deadline = Deadline(afterMs: 2000)
        // What is in the buffer before it has been told of then. If it was lost there is no room to spare anyhow.
        while !isTold(of: last), !deadline.hasPassed { usleep(1000) }
        return 5 * Self.flows
    }

    /// - Returns: the last destination.
    private func sweep(_ pod: EnforcedPod, _ first: String) throws -> Endpoint {
        let place = round * Self.flows
        let start = address(first).bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
        func endpoint(_ place: Int) -> Endpoint {
            // One address where there is but one: its ports come again after 65,535, long after it was told of them.
            let isOne = !first.hasSuffix(".0")
            return Endpoint(
                IPAddress(ipv4: start + (isOne ? 0 : UInt32(place / 60_000))), UInt16(place % 60_000 + 1))
        }
        _ = try pod.process.run(.sweep(from: endpoint(place), count: Self.flows))
        return endpoint(place + Self.flows - 1)
    }

    /// Queries of a name that a rule covers, and now and then of one that none does.
    private func ask() throws {
        let socket = client.process.newSocketID()
        try client.process.run(.open(socket, .udp4))
        let name = round % 10 == 0 ? "n\(round).example.net" : "n\(round % 1000).example.com"
        var query: [UInt8] = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.split(separator: ".") { query += [UInt8(label.utf8.count)] + label.utf8 }
        query += [0, 0, 1, 0, 1]
        try client.process.run(.askMany(socket, Endpoint(Self.resolver, 53), bytes: query, count: Self.queries))
        try client.process.run(.close(socket))
    }

    private func isTold(of last: Endpoint) -> Bool {
        guard let client = try? FlowClient(node.socket, FlowRequest(last: 100)) else { return false }
        while case .flow(let flow)? = try? client.next() {
            if flow.destination.address == last.address, flow.transport.destinationPort == last.port { return true }
        }
        return false
    }
}
