import Glibc
import Synchronization
import TestHarness

/// A value that a test and what it tests share.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>
    init(_ value: Value) { mutex = Mutex(value) }
    var value: Value { mutex.withLock { $0 } }
    func set(_ new: Value) { mutex.withLock { $0 = new } }
    func change(_ body: (inout Value) -> Void) { mutex.withLock { body(&$0) } }
}

/// A TCP socket on loopback, or a unix socket, without manners: says what it is told
/// to say.
final class PlainClient: Sendable {
    private struct State {
        var text: [UInt8] = []
        var isClosed = false
    }

    private let descriptor: Int32
    /// 0 for a unix socket.
    let port: UInt16
    private let state = Mutex(State())

    /// Connects.
    init(_ port: UInt16) throws {
        self.port = port
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        guard Self.with(port, { connect(descriptor, $0, $1) }) == 0 else { throw Unexpected("cannot connect") }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    /// Connects to a unix socket.
    init(path: String) throws {
        port = 0
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Unexpected("cannot connect to \(path): \(String(cString: strerror(errno)))") }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    /// Holds a port.
    init(listening: Void) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        guard Self.with(0, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 1) == 0 else {
            throw Unexpected("cannot listen")
        }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close() }

    func close() {
        state.withLock { state in
            if !state.isClosed { Glibc.close(descriptor) }
            state.isClosed = true
        }
    }

    func write(_ text: String) { write(text.utf8) }

    func write(_ bytes: some Sequence<UInt8>) {
        var rest = Array(bytes)[...]
        for _ in 0..<200 where !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EAGAIN { return }
            if !rest.isEmpty { usleep(1000) }
        }
    }

    /// Everything received so far.
    func read() -> String {
        state.withLock { state in
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while !state.isClosed {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count > 0 {
                    state.text += buffer[..<count]
                } else if count < 0 && errno == EAGAIN {
                    break
                } else {
                    Glibc.close(descriptor)
                    state.isClosed = true
                }
            }
            return String(decoding: state.text, as: UTF8.self)
        }
    }

    /// Whether the other side has ended it, as far as `read` has seen.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    private static func with(_ port: UInt16, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
