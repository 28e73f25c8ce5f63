import PolicyModel

/// Traffic that must always pass: connections that stay, new ones, and datagrams, which nobody
/// sends again if one is dropped.
public final class AllowedTraffic {
    private let counted = Counted()
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
        let (datagrams, _) = try process.connect(server.address.isIPv4 ? .udp4 : .udp6, to: server)
        var turn = 0
        talking = Repeating { [counted] in
            turn += 1
            let (what, result): (String, ErrnoName) =
                switch turn % 10 {
                case 0:
                    try (
                        "new connection",
                        process.run(
                            .tcpExchange(to: server, bytes: [1], timeoutMs: Self.patienceMs)
                        ).result
                    )
                case 3:
                    try ("old UDP socket", process.roundTrip(datagrams, timeoutMs: Self.patienceMs))
                case 5:
                    try (
                        "new UDP socket",
                        process.run(
                            .udpExchange(to: server, bytes: [1], timeoutMs: Self.patienceMs)
                        ).result
                    )
                default:
                    try (
                        "old connection",
                        process.roundTrip(
                            sockets[turn % sockets.count], timeoutMs: Self.patienceMs)
                    )
                }
            pauseBetweenTries()
            counted.note(what, result == .ok ? nil : "\(what) to \(server): \(result)")
        }
    }

    /// What a busy machine may take.
    private static let patienceMs = 5000

    /// So far.
    public var count: TrafficCount { counted.value }

    /// Runs the body while nothing is tried.
    public func interrupted<Value>(by body: () throws -> Value) throws -> Value {
        try talking.interrupted(by: body)
    }

    public func stop() throws -> TrafficCount {
        try talking.stop()
        return count
    }
}
