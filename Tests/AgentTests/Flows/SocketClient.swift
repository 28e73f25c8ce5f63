import Glibc
import Synchronization
import TestHarness

/// A client of a unix socket without manners: says what it is told to say.
final class SocketClient: Sendable {
    private struct State {
        var text: [UInt8] = []
        var isClosed = false
    }

    private let descriptor: Int32
    private let state = Mutex(State())

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            Glibc.close(descriptor)
            throw Unexpected("cannot connect to \(path): \(String(cString: strerror(errno)))")
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close() }

    func close() {
        state.withLock { state in
            if !state.isClosed { Glibc.close(descriptor) }
            state.isClosed = true
        }
    }

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
}
