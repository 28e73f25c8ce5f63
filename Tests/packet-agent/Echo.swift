import Glibc
import PacketLab
import PolicyModel

/// One ICMP or ICMPv6 echo.
struct Echo {
    private let address: IPAddress
    private let raw: Bool

    init(_ address: IPAddress, raw: Bool) {
        self.address = address
        self.raw = raw
    }

    func run(_ deadline: Deadline) throws(Failure) {
        let family: SocketKind.Family = address.isIPv4 ? .ipv4 : .ipv6
        let kind = SocketKind(
            family, raw ? .raw(IPProtocol.icmp.spoken(by: address)) : .ping)
        let socket = try Socket(kind)
        let identifier = UInt16(truncatingIfNeeded: getpid())
        let packet = PacketBytes.echoRequest(ipv4: address.isIPv4, identifier: identifier)
        _ = try socket.send(packet, to: Endpoint(address, 0))
        while true {
            let (bytes, sender) = try socket.receive(deadline)
            let message = raw && address.isIPv4 ? withoutHeader(bytes) : bytes[...]
            guard sender?.address == address, let type = message.first, message.count >= 8 else {
                continue
            }
            // A raw socket hears every ICMP message; a ping socket its own answers alone.
            let theirs = Array(message.dropFirst(4).prefix(2))
            if type == (address.isIPv4 ? 0 : 129), !raw || theirs == PacketBytes.big(identifier) {
                return
            }
        }
    }

    private func withoutHeader(_ packet: [UInt8]) -> ArraySlice<UInt8> {
        packet.dropFirst(Int((packet.first ?? 0) & 15) * 4)
    }
}
