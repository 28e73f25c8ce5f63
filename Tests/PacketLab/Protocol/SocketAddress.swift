import Glibc
public import CPacketLab
import PolicyModel

/// A `sockaddr_in` or `sockaddr_in6` as bytes.
public struct SocketAddress: Sendable {
    public var bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Parameters:
    ///   - family: an IPv4 endpoint on an IPv6 socket takes its mapped form.
    ///   - interface: scope of a link-local IPv6 address.
    public init(_ endpoint: Endpoint, for family: SocketKind.Family, interface: UInt32 = 0) {
        let port = [UInt8(endpoint.port >> 8), UInt8(endpoint.port & 0xff)]
        let address = endpoint.address.bytes
        if family == .ipv4 {
            bytes = Self.number16(UInt16(AF_INET)) + port + address.suffix(4) + [0, 0, 0, 0, 0, 0, 0, 0]
        } else {
            let linkLocal =
                endpoint.address.high >> 54 == 0xfe80 >> 6
                || endpoint.address.high >> 48 == 0xff02
            let scope = linkLocal ? interface : 0
            bytes =
                Self.number16(UInt16(AF_INET6)) + port + [0, 0, 0, 0] + address
                + withUnsafeBytes(of: scope) { Array($0) }
        }
    }

    /// AF_UNSPEC, which dissolves an association.
    public static var unspecified: SocketAddress {
        SocketAddress(bytes: Array(repeating: 0, count: 16))
    }

    public var endpoint: Endpoint? {
        guard bytes.count >= 8 else { return nil }
        let port = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        switch Int32(UInt16(bytes[0]) | UInt16(bytes[1]) << 8) {
        case AF_INET:
            return Endpoint(
                IPAddress(ipv4: bytes[4..<8].reduce(0) { $0 << 8 | UInt32($1) }), port)
        case AF_INET6 where bytes.count >= 24:
            return IPAddress(bytes: bytes[8..<24]).map { Endpoint($0, port) }
        default: return nil
        }
    }

    /// Calls a C function that takes a `sockaddr` and its length.
    public func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        bytes.withUnsafeBytes { raw in
            raw.withMemoryRebound(to: sockaddr.self) { body($0.baseAddress!, socklen_t(raw.count)) }
        }
    }

    /// What a C function writes through a `sockaddr` pointer; nil if it fails.
    public static func written<R: BinaryInteger>(
        by body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> R
    ) -> (result: R, address: SocketAddress) {
        var length: socklen_t = 128
        var result: R = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 128) { buffer, count in
            buffer.initialize(repeating: 0)
            result = buffer.withMemoryRebound(to: sockaddr.self) { body($0.baseAddress!, &length) }
            count = Int(min(length, 128))
        }
        return (result, SocketAddress(bytes: bytes))
    }

    private static func number16(_ value: UInt16) -> [UInt8] {
        withUnsafeBytes(of: value) { Array($0) }
    }
}
