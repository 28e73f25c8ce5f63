import PolicyModel

/// Connections from when they were allowed. Once that is over no packet of theirs may be answered.
public final class RevokedTraffic {
    private let process: PodProcess
    private let stream: SocketID
    private let datagrams: SocketID
    private let counted = Counted()
    private var talking: Repeating?

    /// Connects, while it is allowed.
    ///
    /// - Parameters:
    ///   - process: does nothing else until ``stop()``.
    ///   - server: echoes TCP and UDP.
    public init(_ process: PodProcess, to server: Endpoint) throws(LabError) {
        self.process = process
        (stream, _) = try process.connect(to: server)
        (datagrams, _) = try process.connect(server.address.isIPv4 ? .udp4 : .udp6, to: server)
        for socket in [stream, datagrams] {
            let result = try process.roundTrip(socket)
            guard result == .ok else { throw LabError("traffic to \(server) before it is revoked", "\(result)") }
        }
    }

    /// Whether both are cut now.
    public func areCut() throws(LabError) -> Bool {
        for socket in [stream, datagrams] where try process.roundTrip(socket, timeoutMs: 100) == .ok {
            return false
        }
        return true
    }

    /// Begins to try without end; both must be cut.
    public func begin() {
        var turn = 0
        talking = Repeating { [counted, process, stream, datagrams] in
            turn += 1
            let isStream = turn % 4 == 0
            let result = try process.roundTrip(isStream ? stream : datagrams, timeoutMs: 20)
            let kind = "old \(isStream ? "connection" : "UDP socket")"
            pauseBetweenTries()
            counted.note(kind, result == .ok ? "an answer on the \(kind)" : nil)
        }
    }

    /// So far.
    public var count: TrafficCount { counted.value }

    /// Ends for good, and lets go of both.
    public func stop() throws -> TrafficCount {
        try talking?.stop()
        for socket in [stream, datagrams] { try process.run(.close(socket)) }
        return count
    }
}
