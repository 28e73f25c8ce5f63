import PolicyModel

extension Lab {
    /// Makes a namespace inside a pod, as a container engine in a container does: its packets go
    /// out through the pod's namespace, which forwards them and answers for its addresses.
    ///
    /// - Precondition: each address is an address's text.
    ///
    /// A socket opened there (``Request/inside(namespace:_:)``) is still in the pod's cgroup.
    public func childNamespace(
        _ label: String, of pod: NetworkNamespace, _ addresses: String...
    ) throws(LabError) -> NetworkNamespace {
        let child = try namespace(label)
        let link = "child" + String(UInt16.random(in: 0...UInt16.max), radix: 36)
        try pod.configure("link add \(link) type veth peer name eth0 netns \(child.name)")
        try pod.configure(
            "link set \(link) addrgenmode none", "link set \(link) up", "addr add fe80::1/64 dev \(link)")
        try child.configure("link set eth0 up")
        let routes = try RouteSocket(in: child, interface: "eth0")
        let addresses = addresses.map { Endpoint($0, 0).address }
        for address in addresses {
            try routes.add(address)
            try pod.configure("route add \(address) dev \(link)")
            if !address.isIPv4 { try pod.configure("neigh add proxy \(address) dev eth0") }
        }
        // Or a proxy waits up to 800 ms with each answer.
        for interface in ["eth0", link] {
            try pod.set("ipv4/neigh/\(interface)/proxy_delay", "0")
            try pod.set("ipv6/neigh/\(interface)/proxy_delay", "0")
        }
        try pod.set("ipv4/ip_forward", "1")
        try pod.set("ipv6/conf/all/forwarding", "1")
        try pod.set("ipv6/conf/all/proxy_ndp", "1")
        try pod.set("ipv4/conf/all/proxy_arp", "1")
        if addresses.contains(where: \.isIPv4) { try child.configure("route add default dev eth0") }
        try child.configure("route add ::/0 via fe80::1 dev eth0")
        return child
    }
}
