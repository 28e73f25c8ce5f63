import Glibc

/// How a call ended: `OK`, or the C name of its errno.
public struct ErrnoName: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    public var rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public init(stringLiteral value: String) {
        self.init(rawValue: value)
    }

    /// - Parameter errno: 0 for success.
    public init(errno: Int32) {
        self.init(rawValue: Self.names[errno] ?? "errno \(errno)")
    }

    public var description: String { rawValue }

    public static let ok: ErrnoName = "OK"
    public static let notPermitted: ErrnoName = "EPERM"
    public static let timedOut: ErrnoName = "ETIMEDOUT"
    public static let refused: ErrnoName = "ECONNREFUSED"
    public static let reset: ErrnoName = "ECONNRESET"
    /// A receive that met the end of the stream.
    public static let closed: ErrnoName = "EOF"
    public static let inProgress: ErrnoName = "EINPROGRESS"
    public static let badSocket: ErrnoName = "EBADF"

    private static let names: [Int32: String] = [
        0: "OK", EPERM: "EPERM", ENOENT: "ENOENT", EINTR: "EINTR", EIO: "EIO", ENXIO: "ENXIO",
        EBADF: "EBADF", EAGAIN: "EAGAIN", ENOMEM: "ENOMEM", EACCES: "EACCES", EBUSY: "EBUSY",
        EEXIST: "EEXIST", ENODEV: "ENODEV", EINVAL: "EINVAL", EMFILE: "EMFILE", EPIPE: "EPIPE",
        ENOSYS: "ENOSYS", EPROTO: "EPROTO", EMSGSIZE: "EMSGSIZE", EDESTADDRREQ: "EDESTADDRREQ",
        EPROTOTYPE: "EPROTOTYPE", ENOPROTOOPT: "ENOPROTOOPT", EPROTONOSUPPORT: "EPROTONOSUPPORT",
        ESOCKTNOSUPPORT: "ESOCKTNOSUPPORT", EOPNOTSUPP: "EOPNOTSUPP", EPFNOSUPPORT: "EPFNOSUPPORT",
        EAFNOSUPPORT: "EAFNOSUPPORT", EADDRINUSE: "EADDRINUSE", EADDRNOTAVAIL: "EADDRNOTAVAIL",
        ENETDOWN: "ENETDOWN", ENETUNREACH: "ENETUNREACH", ENETRESET: "ENETRESET",
        ECONNABORTED: "ECONNABORTED", ECONNRESET: "ECONNRESET", ENOBUFS: "ENOBUFS",
        EISCONN: "EISCONN", ENOTCONN: "ENOTCONN", ETIMEDOUT: "ETIMEDOUT",
        ECONNREFUSED: "ECONNREFUSED", EHOSTDOWN: "EHOSTDOWN", EHOSTUNREACH: "EHOSTUNREACH",
        EALREADY: "EALREADY", EINPROGRESS: "EINPROGRESS", ENOTSOCK: "ENOTSOCK", EFAULT: "EFAULT",
    ]
}
