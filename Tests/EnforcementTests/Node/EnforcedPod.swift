import PacketLab
import PolicyModel

/// A pod: its process, its cgroup, its network namespace.
final class EnforcedPod {
    let process: PodProcess
    /// The pod's own cgroup; the process is in one below, as a container is.
    let cgroup: Cgroup
    let place: NetworkNamespace
    /// Where its packets end, if they are captured.
    var wire: Wire?
    var addresses: [String] = []
    var manifest: Manifest.Pod?

    init(process: PodProcess, cgroup: Cgroup, place: NetworkNamespace) {
        self.process = process
        self.cgroup = cgroup
        self.place = place
    }

    // What it can do, in one word each.

    /// Connects by TCP. On a wire nobody answers: OK then is a SYN that was not refused.
    func tcp(_ to: Endpoint, timeoutMs: Int = 1000) throws -> ErrnoName {
        try process.run(.tcpConnect(to: to, timeoutMs: timeoutMs)).result
    }

    func udp(_ to: Endpoint, bytes: [UInt8] = [7], timeoutMs: Int = 1000) throws -> ErrnoName {
        try process.run(.udpExchange(to: to, bytes: bytes, timeoutMs: timeoutMs)).result
    }

    /// One packet of a protocol, by a socket of its own.
    func send(
        _ number: IPProtocol, _ to: String, _ port: UInt16 = 0,
        _ datagrams: ProbeBatch.Datagrams = .unconnected
    ) throws -> (result: ErrnoName, left: Bool) {
        guard let wire else { throw LabError("send", "the pod is on no wire") }
        let probe = Probe(id: 0, to: address(to), port: port, protocol: number)
        let outcome = try wire.probe(process, [probe], datagrams: datagrams).outcomes[0]
        return (outcome.result, outcome.passed)
    }

    /// Whether such a packet leaves.
    func passes(_ number: IPProtocol, _ to: String, _ port: UInt16 = 0) throws -> Bool {
        try send(number, to, port).left
    }

    /// Sends packets built by hand, and tells which of them left.
    func sendPackets(_ packets: [[UInt8]]) throws -> [CapturedPacket] {
        guard let wire else { throw LabError("send", "the pod is on no wire") }
        _ = try wire.captured()
        for packet in packets { _ = try process.run(.sendPacket(packet)) }
        return try wire.captured()
    }
}

extension IPProtocol {
    /// For experiments (RFC 3692).
    static let unknown = IPProtocol(rawValue: 253)
    static let ipv6Fragment = IPProtocol(rawValue: 44)
    static let ipv6Routing = IPProtocol(rawValue: 43)
    static let ipv6Options = IPProtocol(rawValue: 60)
    static let ipv6HopByHop = IPProtocol(rawValue: 0)
}
