import Glibc
import PolicyModel

/// What the measured pod does.
enum Client {
    static func requests(_ kind: PlainSocket.Kind, _ count: Int) throws {
        let socket = try PlainSocket(kind)
        if kind == .stream { socket.set(Int32(IPPROTO_TCP), TCP_NODELAY) }
        try PlainSocket.check(socket.connect(to: BenchmarkNode.server, Port.traffic), "connect")
        // A lost datagram must not stop the round, a dead server must.
        var patience = timeval(tv_sec: kind == .stream ? 10 : 1, tv_usec: 0)
        setsockopt(
            socket.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
            socklen_t(MemoryLayout<timeval>.size))
        var byte: UInt8 = 1
        for _ in 0..<count {
            guard send(socket.descriptor, &byte, 1, 0) == 1 else {
                throw LibraryError("send", code: errno)
            }
            guard recv(socket.descriptor, &byte, 1, 0) == 1 || kind == .datagram else {
                throw LibraryError("receive", code: errno)
            }
        }
    }

    static func nameQueries(_ count: Int) throws {
        let socket = try PlainSocket(.datagram)
        try PlainSocket.check(socket.connect(to: BenchmarkNode.server, Port.names), "connect")
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(
            socket.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var answer = [UInt8](repeating: 0, count: 512)
        for number in 0..<count {
            let query = NameQuery.bytes(number)
            guard send(socket.descriptor, query, query.count, 0) == query.count,
                recv(socket.descriptor, &answer, answer.count, 0) > query.count
            else { throw LibraryError("query", code: errno) }
        }
    }

    /// Closed by a reset, a connection leaves no port behind that is waited for.
    static func connections(_ count: Int) throws {
        for _ in 0..<count {
            let socket = try PlainSocket(.stream)
            socket.abortOnClose()
            try PlainSocket.check(socket.connect(to: BenchmarkNode.server, Port.traffic), "connect")
        }
    }

    /// A SYN each; closed before it is answered, a socket sends nothing more.
    static func attempts(_ count: Int, to address: (Int) -> IPAddress) throws {
        for index in 0..<count {
            _ = try PlainSocket(.stream, nonblocking: true).connect(to: address(index), Port.nobody)
        }
    }

    static func datagrams(_ count: Int, to address: (Int) -> IPAddress) throws {
        let socket = try PlainSocket(.datagram)
        for index in 0..<count { _ = socket.send(to: address(index), Port.nobody) }
    }

    static func connectedDatagrams(_ count: Int, to address: IPAddress) throws {
        let socket = try PlainSocket(.datagram)
        try PlainSocket.check(socket.connect(to: address, Port.nobody), "connect")
        var byte: UInt8 = 1
        for _ in 0..<count { _ = send(socket.descriptor, &byte, 1, 0) }
    }
}
