import PolicyModel

/// Traffic that must always pass: connections that stay, new ones, and datagrams, which nobody
/// sends again if one is dropped.
public final class AllowedTraffic {
    private let count = Counted()
    private let talking: Repeating

    public static let connections = 50

    /// - Parameters:
    ///   - process: does nothing else until ``stop()``.
    ///   - server: echoes TCP and UDP, and can be reached now.
    public init(_ process: PodProcess, to server: Endpoint) throws(LabError) {
        var sockets: [SocketID] = []
        for _ in 0..<Self.connections {
            let (socket, response) = try process.connect(to: server)
            guard response.isOK else { throw LabError("connection to \(server)", "\(response.result)") }
            sockets.append(socket)
        }
        var turn = 0
        talking = Repeating { [count] in
            turn += 1
            let (what, result): (String, ErrnoName) =
                switch turn % 10 {
                case 0:
                    try ("new connection", process.run(
                        .tcpExchange(to: server, bytes: [1], timeoutMs: Self.patienceMs)).result)
                case 5:
                    try ("datagram", process.run(
                        .udpExchange(to: server, bytes: [1], timeoutMs: Self.patienceMs)).result)
                default:
                    try ("old connection", process.roundTrip(
                        sockets[turn % sockets.count], timeoutMs: Self.patienceMs))
                }
            count.note(result == .ok ? nil : "\(what) to \(server): \(result)")
        }
    }

    /// What a busy machine may take.
    private static let patienceMs = 5000

    public func stop() throws -> TrafficCount {
        try talking.stop()
        return count.value
    }
}
