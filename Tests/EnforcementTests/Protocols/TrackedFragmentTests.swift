import FoundationEssentials
import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// Where somebody with CAP_NET_ADMIN has a pod's namespace track connections (a service mesh's init container),
/// the kernel puts raw fragments together.
@Suite(.serialized) struct TrackedFragmentTests {
    private static let rules = """
        table inet t {
          chain o { type filter hook output priority 0; ct state new accept; }
        }
        """

    @Test("A7: raw fragments are judged where connections are tracked")
    func fragments() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        let file = "\(node.directory)/rules"
        try Self.rules.write(toFile: file, atomically: false, encoding: .utf8)
        let (status, output) = try Command.run(
            "/usr/bin/env", ["nsenter", "--net=\(pod.place.path)", "nft", "-f", file])
        try #require(status == 0, "\(output)")
        let own = Endpoint("10.9.0.1", 1000), to = Endpoint("10.9.0.4", 53)
        let datagram = PacketBytes.udp(from: own, to: to, payload: [UInt8](repeating: 1, count: 40))
        let parts = [(0, datagram[..<24], true), (24, datagram[24...], false)].map { offset, bytes, more in
            PacketBytes.ipv4(
                from: own.address, to: to.address, protocol: .udp, identification: 77, fragmentOffset: offset,
                moreFragments: more, payload: Array(bytes))
        }
        let left = try pod.sendPackets(parts).filter { $0.destination == to.address }
        print("A7: fragments with connection tracking on \(try KernelFacts.read().release): \(left.count) left")
        #expect(left.isEmpty)
    }
}
