import CPacketLab
import Glibc
import PacketLab

/// Sockets that go from process to process (SCM_RIGHTS, unix(7)).
enum SocketPassing {
    /// A thread waits for whoever connects to the path first, and hands a copy over.
    static func offer(_ socket: Socket, at path: String) throws(Failure) {
        let copy = try check(dup(socket.descriptor))
        let listener = try check(unixSocket())
        let bound = unixAddress(path).withPointer { bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 1) == 0 else { throw .last }
        startThread {
            let taker = lab_accept(listener)
            if taker >= 0 { pass(copy, over: taker) }
            for descriptor in [taker, listener, copy] { close(descriptor) }
            unlink(path)
        }
    }

    static func take(at path: String, _ deadline: Deadline) throws(Failure) -> Socket {
        let connection = try check(unixSocket())
        defer { close(connection) }
        while unixAddress(path).withPointer({ connect(connection, $0, $1) }) != 0 {
            guard !deadline.hasPassed else { throw .last }
            usleep(1000)
        }
        guard deadline.wait(for: connection, events: POLLIN) else { throw Failure(.timedOut) }
        var descriptor: Int32 = -1
        let count = withMessage { message, control in
            let count = recvmsg(connection, &message, 0)
            descriptor = control.loadUnaligned(fromByteOffset: MemoryLayout<cmsghdr>.size, as: Int32.self)
            return count
        }
        guard count == 1 else { throw Failure("EPROTO") }
        return Socket(owning: descriptor)
    }

    private static func pass(_ descriptor: Int32, over connection: Int32) {
        _ = withMessage { message, control in
            control.storeBytes(
                of: descriptor, toByteOffset: MemoryLayout<cmsghdr>.size, as: Int32.self)
            return sendmsg(connection, &message, Int32(MSG_NOSIGNAL))
        }
    }

    /// A message of one byte with room for one descriptor beside it.
    private static func withMessage(
        _ body: (inout msghdr, UnsafeMutableRawBufferPointer) -> Int
    ) -> Int {
        let size = MemoryLayout<cmsghdr>.size
        return withUnsafeTemporaryAllocation(byteCount: size + 8, alignment: 8) { control in
            control.initializeMemory(as: UInt8.self, repeating: 0)
            var header = cmsghdr()
            header.cmsg_len = size + 4
            header.cmsg_level = SOL_SOCKET
            header.cmsg_type = 1  // SCM_RIGHTS
            control.storeBytes(of: header, as: cmsghdr.self)
            return withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { byte in
                byte[0] = 0
                var vector = iovec(iov_base: byte.baseAddress, iov_len: 1)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = size + 8
                    return body(&message, control)
                }
            }
        }
    }

    private static func unixSocket() -> Int32 {
        socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    private static func unixAddress(_ path: String) -> SocketAddress {
        SocketAddress(bytes: withUnsafeBytes(of: UInt16(AF_UNIX)) { Array($0) } + path.utf8 + [0])
    }
}
