import Glibc
public import PolicyModel

/// A pod's namespace whose every packet ends in a capture that answers nothing.
///
/// All destinations, IPv4 and IPv6, leave by one veth without ARP or neighbour discovery, so a
/// packet that the kernel lets out is seen, whatever its address.
public final class Wire {
    /// Where pod processes run; its interface is `eth0`.
    public let namespace: NetworkNamespace
    /// Where packets end.
    public let sink: NetworkNamespace

    private let routes: RouteSocket
    private let wireCapture: PacketCapture
    private let wireMarker: MarkerSender
    private let loopbackCapture: PacketCapture
    private let loopbackMarker: MarkerSender
    private var addresses: Set<IPAddress> = []

    private static let ipv4Route = "route replace default via 169.254.255.254 dev eth0 onlink"

    init(lab: Lab, label: String) throws(LabError) {
        namespace = try lab.namespace(label)
        sink = try lab.namespace("\(label)-sink")
        try sink.set("ipv6/conf/all/disable_ipv6", "1")
        try sink.set("ipv6/conf/default/disable_ipv6", "1")
        try namespace.configure("link add eth0 type veth peer name eth0 netns \(sink.name)")
        try sink.configure("link set eth0 up arp off")
        try namespace.configure(
            "link set eth0 addrgenmode none",
            "link set eth0 up arp off",
            // One gateway, so that one neighbour entry serves the whole internet.
            Self.ipv4Route,
            "route add fe80::/64 dev eth0",
            "route add ::/0 via fe80::ffff dev eth0 onlink")
        routes = try RouteSocket(in: namespace, interface: "eth0")
        wireCapture = try PacketCapture(in: sink, interface: "eth0")
        wireMarker = try MarkerSender(in: namespace, interface: "eth0")
        loopbackCapture = try PacketCapture(in: namespace, interface: "lo")
        loopbackMarker = try MarkerSender(in: namespace, interface: "lo")
    }

    /// Makes these the namespace's own addresses, and no others. Hundreds take milliseconds.
    public func setAddresses(_ wanted: some Sequence<IPAddress>) throws(LabError) {
        let wanted = Set(wanted)
        let hadIPv4 = addresses.contains(where: \.isIPv4)
        let new = wanted.subtracting(addresses)
        for address in new {
            try routes.add(address)
            addresses.insert(address)
        }
        // The kernel makes an IPv6 address the namespace's own a little after it has agreed to.
        for address in new {
            let deadline = Deadline(afterMs: 2000)
            while try !routes.isLocal(address) {
                guard !deadline.hasPassed else {
                    throw LabError("address \(address)", "did not come into force")
                }
                usleep(200)
            }
        }
        for address in addresses.subtracting(wanted) {
            try routes.remove(address)
            addresses.remove(address)
        }
        // The kernel drops an interface's IPv4 routes with its last IPv4 address.
        if hadIPv4, !addresses.contains(where: \.isIPv4) { try namespace.configure(Self.ipv4Route) }
    }

    /// Every packet that has left since last asked. Nothing sent before the call is missed.
    public func captured() throws(LabError) -> [CapturedPacket] {
        try wireCapture.read(until: wireMarker.send(), deadline: Deadline(afterMs: 5000))
    }

    /// The same for packets that the namespace sent to itself, answers included.
    public func capturedOnLoopback() throws(LabError) -> [CapturedPacket] {
        try loopbackCapture.read(until: loopbackMarker.send(), deadline: Deadline(afterMs: 5000))
    }
}

extension Lab {
    /// - Parameter label: unique within the lab.
    public func wire(_ label: String = "wire") throws(LabError) -> Wire {
        try Wire(lab: self, label: label)
    }
}
