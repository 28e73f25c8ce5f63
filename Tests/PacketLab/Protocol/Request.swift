public import PolicyModel

/// A socket of the pod process, numbered by whoever asks.
public typealias SocketID = Int

/// Who carries out what is asked of a ring.
public enum RingWorker: String, Codable, Sendable, CaseIterable {
    /// The process, in `io_uring_enter`.
    case caller
    /// A thread that the kernel makes for the process.
    case worker
    /// The thread that polls the ring (IORING_SETUP_SQPOLL).
    case poller
}

/// What a pod process can be asked to do. Each is answered by one ``Response``.
public enum Request: Codable, Sendable {
    // The process itself.

    /// Answers with the process id and its name.
    case ping
    case exit
    /// The `comm` of the process, at most 15 bytes.
    case rename(String)
    /// - Parameter path: the cgroup's directory.
    case moveToCgroup(path: String)
    /// Makes an empty child network namespace and stays in it; open sockets stay where they are.
    case unshareNetwork
    /// Runs one request inside another namespace; a socket opened there stays there.
    indirect case inside(namespace: String, Request)

    // Everything in one request, on a socket of its own.

    case tcpConnect(to: Endpoint, timeoutMs: Int)
    /// Connects, sends, waits for an answer.
    case tcpExchange(to: Endpoint, bytes: [UInt8], timeoutMs: Int)
    /// Sends from an unconnected socket and waits for an answer.
    case udpExchange(to: Endpoint, bytes: [UInt8], timeoutMs: Int)
    /// An ICMP echo, by SOCK_RAW or by SOCK_DGRAM, and the wait for its answer.
    case echo(to: IPAddressText, raw: Bool, timeoutMs: Int)
    /// One whole IP packet through IP_HDRINCL or IPV6_HDRINCL; its version says which.
    case sendPacket([UInt8])
    /// Opens a socket of whatever kind, as socket(2) takes it, and closes it.
    case tryKind(family: Int32, type: Int32, protocol: Int32)
    /// An IP packet to every neighbour of an interface, by an AF_PACKET socket: a new one, or one that is open.
    case sendFrame([UInt8], interface: String, by: SocketID? = nil)
    /// Thousands of packets, one per probe.
    case batch(ProbeBatch)

    // Sockets that stay open.

    case open(SocketID, SocketKind)
    /// AF_PACKET
    case openPacket(SocketID)
    case setOption(SocketID, SocketOption)
    case bind(SocketID, Endpoint)
    case listen(SocketID, backlog: Int32)
    case accept(SocketID, as: SocketID, timeoutMs: Int)
    /// With a timeout of 0 it does not wait, and a connection under way is EINPROGRESS.
    case connect(SocketID, to: Endpoint, timeoutMs: Int)
    /// `connect` to AF_UNSPEC, which also ends listening.
    case disconnect(SocketID)
    /// `shutdown(2)` of both directions.
    case shutdown(SocketID)
    /// Waits at most the time given for room in the socket's buffer.
    case send(SocketID, bytes: [UInt8], timeoutMs: Int)
    /// With `fastOpen`, MSG_FASTOPEN: connect and data in one call. OK then means that the kernel
    /// took the data, not that anyone answered.
    case sendTo(SocketID, Endpoint, bytes: [UInt8], fastOpen: Bool)
    /// The same datagram again and again, as fast as can be; answers with how many were taken.
    case sendMany(SocketID, Endpoint, bytes: [UInt8], count: Int)
    /// The same datagram to so many ports one after the other, from the endpoint's on, once or for so long;
    /// answers with how many were taken.
    case sendAcross(SocketID, Endpoint, ports: Int, bytes: [UInt8], forMs: Int = 0)
    /// The datagram so often, each time with another number in its first two bytes and after the answer to the
    /// one before; answers with how many answers came.
    case askMany(SocketID, Endpoint, bytes: [UInt8], count: Int)
    /// A datagram to each of so many ports and then addresses in turn, from this one on, as fast as can be, from one
    /// socket; answers with how many were taken.
    case sweep(from: Endpoint, count: Int)
    /// `connect` through io_uring(7). A connection under way is EINPROGRESS.
    case connectByRing(SocketID, to: Endpoint, RingWorker)
    /// `sendmsg` through io_uring(7).
    case sendByRing(SocketID, to: Endpoint, bytes: [UInt8], RingWorker)
    /// Makes a TUN device, which is gone with the descriptor.
    case openTun(SocketID, name: String)
    /// `write(2)`: for a TUN device one IP packet, which the kernel then has received.
    case write(SocketID, [UInt8])
    /// Answers with the bytes and the sender.
    case receive(SocketID, timeoutMs: Int)
    /// Answers with both ends' addresses.
    case names(SocketID)
    /// From now on a thread of its own accepts and echoes (TCP) or answers (UDP).
    case serveEcho(SocketID)
    case close(SocketID)
    /// Offers a copy of the socket to whoever takes it at the path (SCM_RIGHTS).
    case offer(SocketID, path: String)
    case take(SocketID, path: String, timeoutMs: Int)

    /// How long its answer may take by what it asks for itself, in milliseconds.
    var ownTimeoutMs: Int {
        switch self {
        case .tcpConnect(_, let timeout), .tcpExchange(_, _, let timeout),
            .udpExchange(_, _, let timeout), .echo(_, _, let timeout), .accept(_, _, let timeout),
            .connect(_, _, let timeout), .send(_, _, let timeout), .receive(_, let timeout),
            .take(_, _, let timeout):
            timeout
        case .inside(_, let request): request.ownTimeoutMs
        case .sendAcross(_, _, _, _, let duration): duration
        case .batch(let batch): batch.probes.count * 2
        default: 0
        }
    }
}

/// An address that travels as its text.
public struct IPAddressText: Hashable, Codable, Sendable {
    public var address: IPAddress

    public init(_ address: IPAddress) {
        self.address = address
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let address = IPAddress(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no address: \(text)"))
        }
        self.address = address
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(address.description)
    }
}
