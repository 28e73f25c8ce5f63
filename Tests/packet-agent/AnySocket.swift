import Glibc
import PacketLab

/// Sockets that send below IP, or not by IP at all.
enum AnySocket {
    static func tryKind(_ family: Int32, _ type: Int32, _ number: Int32) throws(Failure) {
        close(try check(socket(family, type, number)))
    }

    /// To every neighbour of the interface; the frame's type is the packet's version.
    static func packetSocket() throws(Failure) -> Socket {
        Socket(owning: try check(socket(AF_PACKET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)))
    }

    static func sendFrame(_ packet: [UInt8], _ interface: String, by socket: Socket) throws(Failure) {
        let address = LinkLayer.address(
            protocol: packet.first.map { $0 >> 4 } == 6 ? 0x86dd : 0x0800,
            interface: if_nametoindex(interface),
            destination: Array(repeating: 0xff, count: 6))
        try check(address.withPointer { sendto(socket.descriptor, packet, packet.count, 0, $0, $1) })
    }
}
