public import PolicyModel

/// Namespaces that talk to each other over one switch, whatever their addresses.
///
/// Everything is on-link for everyone: who has an address answers for it. So pods, nodes and
/// servers "outside" (169.254.169.254, 8.8.8.8) are made alike.
public final class Network {
    private let lab: Lab
    private let label: String
    /// Where the other ends of all interfaces are.
    public var hub: NetworkNamespace { bridge }
    private let bridge: NetworkNamespace
    private var ports = 0

    init(lab: Lab, label: String) throws(LabError) {
        self.lab = lab
        self.label = label
        bridge = try lab.namespace("\(label)-switch")
        try bridge.set("ipv6/conf/all/disable_ipv6", "1")
        try bridge.set("ipv6/conf/default/disable_ipv6", "1")
        try bridge.configure("link add br0 type bridge mcast_snooping 0 forward_delay 0", "link set br0 up")
    }

    /// Adds a namespace with these addresses on its `eth0`.
    ///
    /// - Parameter name: unique within the network.
    public func host(_ name: String, _ addresses: [IPAddress]) throws(LabError) -> NetworkNamespace {
        let namespace = try lab.namespace("\(label)-\(name)")
        ports += 1
        let port = "port\(ports)"
        try namespace.configure("link add eth0 type veth peer name \(port) netns \(bridge.name)")
        try bridge.configure("link set \(port) master br0 up")
        try namespace.configure("link set eth0 up")
        try add(addresses, to: namespace)
        try namespace.configure("route add default dev eth0", "route add ::/0 dev eth0")
        return namespace
    }

    /// The same, from texts.
    ///
    /// - Precondition: each is an address.
    public func host(_ name: String, _ addresses: String...) throws(LabError) -> NetworkNamespace {
        try host(name, addresses.map { Endpoint($0, 0).address })
    }

    /// Gives a namespace further addresses.
    public func add(_ addresses: [IPAddress], to namespace: NetworkNamespace) throws(LabError) {
        let routes = try RouteSocket(in: namespace, interface: "eth0")
        for address in addresses { try routes.add(address) }
    }

    /// Takes addresses away from a namespace.
    public func remove(_ addresses: [IPAddress], from namespace: NetworkNamespace) throws(LabError) {
        let routes = try RouteSocket(in: namespace, interface: "eth0")
        for address in addresses { try routes.remove(address) }
    }
}

extension Lab {
    /// - Parameter label: unique within the lab.
    public func network(_ label: String = "net") throws(LabError) -> Network {
        try Network(lab: self, label: label)
    }
}
