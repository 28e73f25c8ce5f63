import BenchmarkSupport
import PacketLab
import PolicyModel

/// Between the pod and everything else, as a node's own network namespace is: the pod's packets come in
/// by one veth, are forwarded, and leave by another. Netfilter's rules are applied here, in the hook
/// where a CNI puts them.
final class Router {
    let namespace: NetworkNamespace
    let pod: NetworkNamespace
    /// Has every address that is spoken to; what goes to any other is dropped there.
    let outside: NetworkNamespace

    static let podInterface = "pod0"
    static let podAddress = IPAddress(ipv4: 0x0a00_0002)

    /// - Parameter served: the addresses of the outside.
    init(_ lab: Lab, serving served: [IPAddress]) throws {
        namespace = try lab.namespace("router")
        pod = try lab.namespace("pod")
        outside = try lab.namespace("outside")
        try pod.configure(
            "link add eth0 type veth peer name \(Self.podInterface) netns \(namespace.name)",
            "addr add \(Self.podAddress)/24 dev eth0", "link set eth0 up")
        try outside.configure(
            "link add eth0 type veth peer name out0 netns \(namespace.name)",
            "addr add 10.0.1.2/24 dev eth0", "link set eth0 up")
        try namespace.configure(
            "addr add 10.0.0.1/24 dev \(Self.podInterface)", "link set \(Self.podInterface) up",
            "addr add 10.0.1.1/24 dev out0", "link set out0 up", "route add default via 10.0.1.2")
        try namespace.set("ipv4/ip_forward", "1")
        try pod.configure("route add default via 10.0.0.1")
        try outside.configure("route add default via 10.0.1.1")
        for address in served { try outside.configure("addr add \(address)/32 dev eth0") }
    }

    /// How many packets the pod has sent so far, over its only way out.
    var packetsSent: Int {
        get throws {
            // proc_net_dev: eth0: received bytes, packets and six more, sent bytes, packets.
            let text = pod.enter { readText("/proc/thread-self/net/dev") }
            let fields = text.split(separator: "\n").lazy.map { $0.split(separator: " ") }.first { $0.first == "eth0:" }
            guard let fields, fields.count > 10, let packets = Int(fields[10]) else {
                throw LibraryError("/proc/net/dev of the pod: \(text)")
            }
            return packets
        }
    }

    /// Runs a tool inside.
    func run(_ command: String..., input: String = "") throws { try run(command, input: input) }

    func run(_ command: [String], input: String = "") throws {
        let (status, output) = try Command.run("ip", ["netns", "exec", namespace.name] + command, input: input)
        guard status == 0 else { throw LibraryError("\(command.joined(separator: " ")): \(output)") }
    }
}
