import CPacketLab
import Glibc
import LinuxBase

/// Sees every IP packet that arrives at a namespace's interface (AF_PACKET, ETH_P_ALL).
public struct PacketCapture: ~Copyable {
    private let descriptor: Descriptor

    /// - Parameter interface: name within the namespace.
    init(in namespace: NetworkNamespace, interface: String) throws(LabError) {
        let index = try namespace.index(of: interface)
        let socket = try Descriptor.socket(in: namespace, family: AF_PACKET, type: SOCK_DGRAM)
        // Room for some 250,000 small packets.
        Self.setOption(of: socket.raw, SOL_SOCKET, SO_RCVBUFFORCE, 256 << 20)
        Self.setOption(of: socket.raw, LinkLayer.level, LinkLayer.ignoreOutgoing, 1)
        let address = LinkLayer.address(
            protocol: LinkLayer.everything, interface: index, destination: [])
        guard address.withPointer({ bind(socket.raw, $0, $1) }) == 0 else {
            throw LabError("bind of AF_PACKET")
        }
        descriptor = socket
    }

    private static func setOption(of socket: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(socket, level, name, &value, 4)
    }

    /// Reads packets until all markers have been seen.
    ///
    /// - Throws: when a marker fails to come, or the kernel dropped packets for want of room.
    func read(until markers: Set<UInt64>, deadline: Deadline) throws(LabError) -> [CapturedPacket] {
        var missing = markers
        var packets: [CapturedPacket] = []
        while !missing.isEmpty {
            guard deadline.wait(for: descriptor.raw, events: POLLIN) else {
                throw LabError("capture", "\(missing.count) markers did not arrive")
            }
            readWaiting { type, bytes in
                if type == LinkLayer.marker {
                    if bytes.count >= 8 { missing.remove(bytes.loadUnaligned(as: UInt64.self)) }
                } else if type == 0x0800 || type == 0x86dd,
                    let packet = CapturedPacket(ipPacket: bytes), !packet.isHousekeeping
                {
                    packets.append(packet)
                }
            }
        }
        let dropped = drops()
        guard dropped == 0 else { throw LabError("capture", "\(dropped) packets were dropped") }
        return packets
    }

    /// Hands over what waits, without waiting for more: ethertype and the first 256 bytes.
    private func readWaiting(_ body: (UInt16, UnsafeRawBufferPointer) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { buffer in
            while true {
                let (count, sender) = SocketAddress.written { address, length in
                    recvfrom(
                        descriptor.raw, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT),
                        address, length)
                }
                guard count >= 0 else { return }
                let type = UInt16(sender.bytes[2]) << 8 | UInt16(sender.bytes[3])
                body(type, UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    /// How many packets found no room since last asked (PACKET_STATISTICS).
    private func drops() -> UInt32 {
        var statistics: (packets: UInt32, drops: UInt32) = (0, 0)
        var length = socklen_t(8)
        getsockopt(descriptor.raw, LinkLayer.level, LinkLayer.statistics, &statistics, &length)
        return statistics.drops
    }
}
