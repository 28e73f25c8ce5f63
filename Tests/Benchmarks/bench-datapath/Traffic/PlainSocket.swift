import Glibc
import PolicyModel

/// An IPv4 socket and the few calls that the benchmark makes on it.
struct PlainSocket: ~Copyable {
    enum Kind { case stream, datagram }

    let descriptor: Int32

    init(_ kind: Kind, nonblocking: Bool = false) throws {
        let type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
        let flags = nonblocking ? Int32(SOCK_NONBLOCK.rawValue) : 0
        descriptor = try Self.check(
            socket(AF_INET, Int32(type.rawValue) | flags, 0), "socket")
    }

    init(owning descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    @discardableResult
    static func check(_ result: Int32, _ what: String) throws -> Int32 {
        if result < 0 { throw LibraryError(what, code: errno) }
        return result
    }

    func set(_ level: Int32, _ option: Int32, _ value: Int32 = 1) {
        var value = value
        setsockopt(descriptor, level, option, &value, 4)
    }

    /// SO_LINGER with no time.
    func abortOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func bind(to port: UInt16 = Port.traffic, listening backlog: Int32?) throws {
        set(SOL_SOCKET, SO_REUSEADDR)
        try Self.check(
            Self.with(BenchmarkNode.server, port) { Glibc.bind(descriptor, $0, $1) }, "bind")
        if let backlog { try Self.check(listen(descriptor, backlog), "listen") }
    }

    func connect(to address: IPAddress, _ port: UInt16) -> Int32 {
        Self.with(address, port) { Glibc.connect(descriptor, $0, $1) }
    }

    func send(to address: IPAddress, _ port: UInt16) -> Int {
        var byte: UInt8 = 1
        return Self.with(address, port) { sendto(descriptor, &byte, 1, 0, $0, $1) }
    }

    private static func with<R>(
        _ address: IPAddress, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        var inet = sockaddr_in()
        inet.sin_family = sa_family_t(AF_INET)
        inet.sin_port = port.bigEndian
        inet.sin_addr.s_addr = (address.ipv4 ?? 0).bigEndian
        return withUnsafePointer(to: &inet) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
