import Glibc

/// A child whose standard input and output are one socket pair, so that writing to a dead child
/// is an error and no SIGPIPE.
final class SocketPairChild {
    let pid: pid_t
    private let descriptor: Int32
    private let life: ChildLife

    init(_ program: String, _ arguments: [String]) throws(LabError) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw LabError("socketpair") }
        descriptor = ends[0]
        let childEnd = ends[1]
        defer { close(childEnd) }
        life = ChildLife()
        pid = try life.start(program, arguments, standard: (childEnd, childEnd, -1))
    }

    deinit {
        close(descriptor)
    }

    var hasEnded: Bool { life.hasEnded }

    func kill() {
        life.kill()
    }

    func write(_ bytes: [UInt8]) throws(LabError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw LabError("write to child \(pid)") }
            rest = rest.dropFirst(count)
        }
    }

    /// - Returns: nothing at the end of the stream.
    func read(_ deadline: Deadline) throws(LabError) -> ArraySlice<UInt8> {
        guard deadline.wait(for: descriptor, events: POLLIN) else {
            throw LabError("read from child \(pid)", "no answer in time")
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return buffer.prefix(max(0, count))
    }
}
