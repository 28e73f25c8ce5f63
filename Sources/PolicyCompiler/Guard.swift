public import PolicyModel
import VerdictTables

/// Destinations that no pod reaches, whatever NetworkPolicy says.
public struct Guard: Hashable, Sendable, Codable {
    public enum Ports: Hashable, Sendable, Codable {
        case all
        /// Every protocol and port but these ports of TCP and UDP.
        case allExcept([UInt16])
        /// These TCP ports alone.
        case tcp([ClosedRange<UInt16>])
    }

    /// Unique; what users write to switch it, and what reports say.
    public var name: String
    /// Addresses or CIDR blocks.
    public var destinations: [String]
    public var ports: Ports

    public init(name: String, destinations: [String], ports: Ports) {
        self.name = name
        self.destinations = destinations
        self.ports = ports
    }

    /// The guarded prefixes: each destination, and for IPv4 also the IPv6
    /// addresses that translators turn into it: 64:ff9b::/96 (NAT64, RFC 6052,
    /// 2.1) and 2002::/16 (6to4, RFC 3056, 2).
    public var prefixes: [Prefix] {
        destinations.compactMap { Prefix($0) ?? IPAddress($0).map(Prefix.init(host:)) }
            .flatMap { prefix -> [Prefix] in
                guard prefix.isIPv4, let ipv4 = prefix.address.ipv4 else { return [prefix] }
                let length = prefix.length - 96
                return [
                    prefix,
                    Prefix(IPAddress(high: 0x0064_ff9b_0000_0000, low: UInt64(ipv4)), length: 96 + length),
                    Prefix(IPAddress(high: 0x2002 << 48 | UInt64(ipv4) << 16, low: 0), length: 16 + length),
                ]
            }
    }

    var patterns: [PortPattern] {
        switch ports {
        case .all: [.everything]
        case .allExcept(let ports):
            [
                .everythingBut(
                    ports.flatMap { port in
                        [TransportProtocol.tcp, .udp].map {
                            PortPrefix(protocol: $0.rawValue, port: port)
                        }
                    })
            ]
        case .tcp(let ranges): ranges.map { .ports(.tcp, $0) }
        }
    }
}

/// Pods that guards do not apply to, by the agent's own configuration.
public struct GuardExemption: Hashable, Sendable {
    public var namespace: String
    /// Nil: whatever the service account.
    public var serviceAccount: String?
    /// Nil: whatever the labels.
    public var podSelector: LabelSelector?

    public init(namespace: String, serviceAccount: String? = nil, podSelector: LabelSelector? = nil) {
        self.namespace = namespace
        self.serviceAccount = serviceAccount
        self.podSelector = podSelector
    }

    func covers(_ pod: Pod) -> Bool {
        pod.key.namespace == namespace
            && (serviceAccount == nil || serviceAccount == pod.serviceAccount)
            && (podSelector?.matches(pod.labels) ?? true)
    }
}
