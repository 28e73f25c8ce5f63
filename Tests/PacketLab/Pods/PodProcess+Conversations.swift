public import PolicyModel

/// What tests say most often, in fewer words than ``Request``.
extension PodProcess {
    /// Opens a socket.
    public func open(_ kind: SocketKind, _ options: SocketOption...) throws(LabError) -> SocketID {
        let id = newSocketID()
        try demand(.open(id, kind))
        for option in options { try demand(.setOption(id, option)) }
        return id
    }

    /// Listens and echoes what it gets, TCP or UDP, until the socket is closed.
    @discardableResult
    public func serveEcho(
        _ kind: SocketKind, at endpoint: Endpoint, _ options: SocketOption...
    ) throws(LabError) -> SocketID {
        let id = newSocketID()
        try demand(.open(id, kind))
        for option in options + [.reuseAddress] { try demand(.setOption(id, option)) }
        try demand(.bind(id, endpoint))
        if kind.transport == .tcp || kind.transport == .mptcp { try demand(.listen(id, backlog: 128)) }
        try demand(.serveEcho(id))
        return id
    }

    /// Connects by TCP and stays connected.
    public func connect(
        _ kind: SocketKind? = nil, to endpoint: Endpoint, timeoutMs: Int = 1000
    ) throws(LabError) -> (id: SocketID, response: Response) {
        let id = try open(kind ?? (endpoint.address.isIPv4 ? .tcp4 : .tcp6))
        return (id, try run(.connect(id, to: endpoint, timeoutMs: timeoutMs)))
    }

    /// Sends on a connected socket and waits for the same bytes to come back.
    ///
    /// - Returns: OK only if they do.
    public func roundTrip(
        _ id: SocketID, bytes: [UInt8] = [1, 2, 3], timeoutMs: Int = 1000
    ) throws(LabError) -> ErrnoName {
        let sent = try run(.send(id, bytes: bytes, timeoutMs: timeoutMs))
        guard sent.isOK else { return sent.result }
        let answer = try run(.receive(id, timeoutMs: timeoutMs))
        guard answer.isOK else { return answer.result }
        return answer.bytes == bytes ? .ok : "other bytes"
    }

    public func ping(
        _ address: IPAddress, raw: Bool = true, timeoutMs: Int = 1000
    ) throws(LabError) -> Response {
        try run(.echo(to: IPAddressText(address), raw: raw, timeoutMs: timeoutMs))
    }

    /// Runs a request that only a broken lab refuses.
    @discardableResult
    public func demand(_ request: Request) throws(LabError) -> Response {
        let response = try run(request)
        guard response.isOK else {
            throw LabError("\(name): \(request)", response.text ?? response.result.rawValue)
        }
        return response
    }
}
