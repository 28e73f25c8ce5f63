import CPacketLab
import Glibc
import PacketLab

/// One socket, never blocking; waiting is done by deadline.
final class Socket {
    let descriptor: Int32
    let family: SocketKind.Family
    private var server: EchoServer?

    init(_ kind: SocketKind) throws(Failure) {
        let (type, number) = kind.arguments
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = try check(socket(kind.family == .ipv4 ? AF_INET : AF_INET6, type | flags, number))
        family = kind.family
    }

    /// Takes over a socket that is open already.
    init(owning descriptor: Int32) {
        self.descriptor = descriptor
        let name = SocketAddress.written { getsockname(descriptor, $0, $1) }.address
        family = name.bytes.first == UInt8(AF_INET6) ? .ipv6 : .ipv4
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | Int32(O_NONBLOCK))
    }

    deinit {
        server?.stop()
        close(descriptor)
    }

    func set(_ option: SocketOption) throws(Failure) {
        try check(
            setsockopt(
                descriptor, option.level, option.name, option.value, socklen_t(option.value.count)))
    }

    func bind(_ endpoint: Endpoint) throws(Failure) {
        try check(address(endpoint).withPointer { Glibc.bind(descriptor, $0, $1) })
    }

    func listen(backlog: Int32) throws(Failure) {
        try check(Glibc.listen(descriptor, backlog))
    }

    func accept(_ deadline: Deadline) throws(Failure) -> Socket {
        try wait(POLLIN, deadline)
        return Socket(owning: try check(lab_accept(descriptor)))
    }

    /// - Parameter deadline: nil leaves a connection under way with EINPROGRESS.
    func connect(_ endpoint: Endpoint, _ deadline: Deadline?) throws(Failure) {
        let result = address(endpoint).withPointer { Glibc.connect(descriptor, $0, $1) }
        guard result < 0 else { return }
        guard errno == EINPROGRESS, let deadline else { throw .last }
        try finishConnecting(deadline)
    }

    func disconnect() throws(Failure) {
        try check(SocketAddress.unspecified.withPointer { Glibc.connect(descriptor, $0, $1) })
    }

    func shutdown() throws(Failure) {
        try check(Glibc.shutdown(descriptor, Int32(SHUT_RDWR)))
    }

    func send(_ bytes: [UInt8], _ deadline: Deadline) throws(Failure) -> Int {
        var sent = 0
        repeat {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EAGAIN {
                try wait(POLLOUT, deadline)
            } else {
                sent += try check(count)
            }
        } while sent < bytes.count
        return sent
    }

    /// With `fastOpen`, waits until the socket can be written to.
    func send(
        _ bytes: [UInt8], to endpoint: Endpoint, fastOpen: Bool = false,
        _ deadline: Deadline = Deadline(afterMs: 1000)
    ) throws(Failure) -> Int {
        // MSG_FASTOPEN
        let flags = Int32(MSG_NOSIGNAL) | (fastOpen ? 0x2000_0000 : 0)
        let count = address(endpoint).withPointer {
            sendto(descriptor, bytes, bytes.count, flags, $0, $1)
        }
        if count < 0 && errno == EINPROGRESS {
            try finishConnecting(deadline)
            return bytes.count
        }
        return try check(count)
    }

    /// Sends to so many ports, once or until the time is over. The first two bytes count up, so that
    /// each question has another number.
    ///
    /// - Returns: how many were taken.
    func send(_ bytes: [UInt8], across ports: Int, from first: Endpoint, _ deadline: Deadline) throws(Failure) -> Int {
        let targets = (0..<ports).map { address(Endpoint(first.address, first.port &+ UInt16(truncatingIfNeeded: $0))) }
        var (bytes, taken) = (bytes, 0)
        repeat {
            for target in targets {
                if bytes.count > 1 { (bytes[0], bytes[1]) = (UInt8(taken >> 8 & 0xff), UInt8(taken & 0xff)) }
                let count = target.withPointer { sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, $1) }
                if count >= 0 { taken += 1 }
            }
        } while !deadline.hasPassed
        return taken
    }

    /// - Throws: EOF at the end of a stream.
    func receive(_ deadline: Deadline) throws(Failure) -> (bytes: [UInt8], sender: Endpoint?) {
        try wait(POLLIN, deadline)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let (count, sender) = SocketAddress.written { address, length in
            recvfrom(descriptor, &buffer, buffer.count, 0, address, length)
        }
        try check(count)
        if count == 0 && isStream { throw Failure(.closed) }
        return (Array(buffer.prefix(count)), sender.endpoint)
    }

    var local: Endpoint? {
        SocketAddress.written { getsockname(descriptor, $0, $1) }.address.endpoint
    }

    var peer: Endpoint? {
        let (result, name) = SocketAddress.written { getpeername(descriptor, $0, $1) }
        return result == 0 ? name.endpoint : nil
    }

    /// Leaves the socket to a thread that echoes.
    func serveEcho() throws(Failure) {
        server = try EchoServer(descriptor, isStream: isStream)
    }

    private var isStream: Bool {
        var type: Int32 = 0
        var length = socklen_t(4)
        getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length)
        return type == Int32(SOCK_STREAM.rawValue)
    }

    private func address(_ endpoint: Endpoint) -> SocketAddress {
        SocketAddress(endpoint, for: family, interface: if_nametoindex("eth0"))
    }

    private func finishConnecting(_ deadline: Deadline) throws(Failure) {
        try wait(POLLOUT, deadline)
        var code: Int32 = 0
        var length = socklen_t(4)
        try check(getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length))
        guard code == 0 else { throw Failure(ErrnoName(errno: code)) }
    }

    private func wait(_ events: Int32, _ deadline: Deadline) throws(Failure) {
        guard deadline.wait(for: descriptor, events: events) else { throw Failure(.timedOut) }
    }
}

extension SocketKind {
    /// Type and protocol as `socket(2)` takes them.
    var arguments: (type: Int32, protocol: Int32) {
        let stream = Int32(SOCK_STREAM.rawValue)
        let datagram = Int32(SOCK_DGRAM.rawValue)
        return switch transport {
        case .tcp: (stream, 0)
        case .mptcp: (stream, 262)
        case .udp: (datagram, 0)
        case .ping: (datagram, Int32((family == .ipv4 ? IPProtocol.icmp : .icmpv6).rawValue))
        case .raw(let number): (Int32(SOCK_RAW.rawValue), Int32(number.rawValue))
        }
    }
}
