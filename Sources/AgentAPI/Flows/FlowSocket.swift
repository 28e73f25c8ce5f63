import Glibc
package import SystemPackage

/// The agent's socket in the file system.
package struct FlowSocket: Hashable, Sendable {
    package var path: String

    package init(_ path: String) { self.path = path }

    /// Makes the socket, for root alone, in place of one that an earlier agent left.
    ///
    /// Only for who holds the agent's lock: otherwise the other's socket would go.
    ///
    /// - Returns: a socket that is bound and does not listen yet.
    /// - Throws: `AgentError`, which says what is wrong with the path.
    package func bind() throws -> FileDescriptor {
        let raw = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw trouble() }
        let socket = FileDescriptor(rawValue: raw)
        do {
            // Before it is bound: the file has these rights from its first moment (unix(7)).
            guard fchmod(raw, 0o600) == 0 else { throw trouble() }
            try removeStale()
            guard try withAddress({ Glibc.bind(raw, $0, $1) }) == 0 else { throw trouble() }
            return socket
        } catch {
            try? socket.close()
            throw error
        }
    }

    /// - Throws: `Errno` if nobody listens there.
    package func connect() throws -> FileDescriptor {
        let raw = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw Errno(rawValue: errno) }
        let socket = FileDescriptor(rawValue: raw)
        do {
            guard try withAddress({ Glibc.connect(raw, $0, $1) }) == 0 else { throw Errno(rawValue: errno) }
            return socket
        } catch {
            try? socket.close()
            throw error
        }
    }

    package func remove() { unlink(path) }

    private func removeStale() throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw AgentError("\(path) is there and is no socket; remove it, or set flows.socket")
        }
        guard unlink(path) == 0 || errno == ENOENT else { throw trouble() }
    }

    private func withAddress(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < room else {
            throw AgentError(
                "\(path) is longer than the \(room - 1) bytes that a socket's path can have; set flows.socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private func trouble() -> AgentError { AgentError("\(path) cannot be made: \(Errno(rawValue: errno))") }
}
