import PacketLab
import PolicyModel
import TestHarness

/// A hostile process in a pod that may send to one address of each family alone, and an honest flow of the same pod
/// beside it. Wrong is a packet that leaves the pod for anybody else or with another source than the pod's own, and a
/// datagram of the honest flow that does not leave.
final class HostileTraffic {
    private let wire: Wire
    private let packets: HostilePackets
    private let honest: SocketID
    private let process: PodProcess
    private var random: SplitMix64
    private var open: [SocketID] = []
    private(set) var count = TrafficCount()

    private static let mostSockets = 24
    private static let unspecified = [address("0.0.0.0"), address("::")]
    /// Where the honest flow goes: a port that nothing hostile is sent to.
    private static let honestPort: UInt16 = 7777

    /// - Parameter pod: on a wire, with these addresses, its policy in force.
    init(_ pod: EnforcedPod, seed: UInt64, allowed: [IPAddress]) throws {
        guard let wire = pod.wire else { throw LabError("hostile traffic", "the pod is on no wire") }
        self.wire = wire
        process = pod.process
        packets = HostilePackets(own: pod.addresses.map { address($0) }, allowed: allowed)
        random = SplitMix64(seed: seed)
        honest = try process.open(.udp4)
        guard let target = allowed.first(where: \.isIPv4) else { throw LabError("hostile traffic", "no IPv4") }
        try process.demand(.connect(honest, to: Endpoint(target, Self.honestPort), timeoutMs: 0))
        _ = try wire.captured()
    }

    /// A round of hostile acts, then a look at the wire.
    func round(of acts: Int = 100) throws {
        for _ in 0..<acts { try act() }
        try process.demand(.send(honest, bytes: [7], timeoutMs: 1000))
        var honestLeft = 0
        for packet in try wire.captured() {
            if packet.destinationPort == Self.honestPort { honestLeft += 1 } else { judge(packet) }
        }
        note("datagram of the honest flow", honestLeft == 1 ? nil : "the honest datagram left \(honestLeft) times")
    }

    /// Forgets what has left until now.
    func forget() throws { _ = try wire.captured() }

    func close() throws {
        for socket in open + [honest] { _ = try process.run(.close(socket)) }
        open = []
    }

    private func judge(_ packet: CapturedPacket) {
        // What the kernel says by itself of groups, routers and neighbours (RFC 3376, RFC 3810, RFC 4861).
        if packet.protocol.rawValue == 2 || [133, 134, 135, 136, 143].contains(packet.icmpType ?? 0) { return }
        // What leaves for a loopback or the unspecified address is an answer of the kernel's to the pod itself, and
        // nobody takes it in (RFC 4291, sections 2.5.2 and 2.5.3).
        if (packet.destination.isLoopback || Self.unspecified.contains(packet.destination))
            && packets.own.contains(packet.source)
        {
            return
        }
        // Nobody can answer the unspecified address.
        if packets.allowed.contains(packet.destination)
            && (packets.own.contains(packet.source) || Self.unspecified.contains(packet.source))
        {
            return
        }
        note("packet that left", "\(packet)")
    }

    private func note(_ kind: String, _ wrong: String?) {
        count.note(kind, wrong)
    }

    // MARK: Acts

    private func act() throws {
        switch random.number(0...9) {
        case 0...3:
            _ = try process.run(.sendPacket(packets.packet(&random)))
            note("packet built by hand", nil)
        case 4: try openSocket()
        default: try useSocket()
        }
    }

    private func openSocket() throws {
        if open.count >= Self.mostSockets {
            _ = try process.run(.close(open.remove(at: random.number(0...open.count - 1))))
        }
        let socket = process.newSocketID()
        guard try process.run(.open(socket, packets.socketKind(&random))).isOK else { return }
        open.append(socket)
        for _ in 0..<random.number(0...4) { _ = try process.run(.setOption(socket, packets.option(&random))) }
        if random.oneIn(2) { _ = try process.run(.bind(socket, anyEndpoint())) }
        note("socket", nil)
    }

    private func useSocket() throws {
        guard !open.isEmpty else { return }
        let socket = random.pick(open)
        switch random.number(0...9) {
        case 0: _ = try process.run(.setOption(socket, packets.option(&random)))
        case 1: _ = try process.run(.connect(socket, to: anyEndpoint(), timeoutMs: 0))
        case 2: _ = try process.run(.disconnect(socket))
        case 3: _ = try process.run(.listen(socket, backlog: 4))
        case 4: _ = try process.run(.send(socket, bytes: [0x5a], timeoutMs: 0))
        case 5: _ = try process.run(.sendTo(socket, anyEndpoint(), bytes: packets.packet(&random), fastOpen: false))
        default:
            _ = try process.run(
                .sendTo(socket, anyEndpoint(), bytes: [8, 0, 0, 0, 0, 7, 0, 1, 0x5a], fastOpen: random.oneIn(8)))
        }
        note("act of a socket", nil)
    }

    private func anyEndpoint() -> Endpoint {
        Endpoint(packets.anyAddress(ipv4: random.oneIn(2), &random), packets.anyPort(&random))
    }
}
