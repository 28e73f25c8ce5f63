import Glibc

/// A kind of socket that a test opens.
struct SocketFeature {
    var name: String
    var family: Int32
    var type: __socket_type
    var number: Int32 = 0

    static let table = [
        SocketFeature(name: "MPTCP", family: AF_INET, type: SOCK_STREAM, number: 262),
        SocketFeature(name: "SCTP", family: AF_INET, type: SOCK_STREAM, number: 132),
        SocketFeature(name: "AF_PACKET", family: AF_PACKET, type: SOCK_RAW),
        SocketFeature(name: "AF_XDP", family: AF_XDP, type: SOCK_RAW),
        SocketFeature(name: "AF_VSOCK", family: AF_VSOCK, type: SOCK_STREAM),
    ]

    /// `yes`, or why socket(2) failed.
    var outcome: String {
        let descriptor = socket(family, Int32(type.rawValue), number)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        close(descriptor)
        return "yes"
    }
}
