import Glibc

/// The constants of `linux/if_packet.h`, and `sockaddr_ll`.
package enum LinkLayer {
    /// SOL_PACKET
    static let level: Int32 = 263
    /// PACKET_STATISTICS
    static let statistics: Int32 = 6
    /// PACKET_IGNORE_OUTGOING
    static let ignoreOutgoing: Int32 = 23
    /// ETH_P_ALL
    static let everything: UInt16 = 3
    /// The first ethertype for local experiments (IEEE 802): the lab's markers.
    static let marker: UInt16 = 0x88b5

    /// `sockaddr_ll`
    package static func address(
        protocol ethertype: UInt16, interface: UInt32, destination: [UInt8]
    ) -> SocketAddress {
        var bytes = withUnsafeBytes(of: UInt16(AF_PACKET)) { Array($0) }
        bytes += [UInt8(ethertype >> 8), UInt8(ethertype & 0xff)]
        bytes += withUnsafeBytes(of: interface) { Array($0) }
        bytes += [0, 0, 0, UInt8(destination.count)]
        bytes += destination + Array(repeating: 0, count: 8 - destination.count)
        return SocketAddress(bytes: bytes)
    }
}
