import PolicyModel

/// Hubble's `Endpoint`: namespace, labels (`k8s:key=value`), pod_name, workloads.
struct EndJSON: Codable {
    private struct PortJSON: Codable {
        var name: String
        var `protocol`: String
        var port: UInt16
    }

    private var namespace: String?
    private var pod_name: String?
    private var labels: [String]?
    private var workloads: [Workload]?
    private var named_ports: [PortJSON]?
    private var cgroup: UInt64?
    private var host_network: Bool?

    private static let labelSource = "k8s:"

    init(_ end: FlowEnd) {
        namespace = end.namespace.isEmpty ? nil : end.namespace
        pod_name = end.pod.isEmpty ? nil : end.pod
        labels =
            end.labels.isEmpty
            ? nil : end.labels.sorted { $0.key < $1.key }.map { "\(Self.labelSource)\($0.key)=\($0.value)" }
        workloads = end.workload.map { [$0] }
        named_ports =
            end.namedPorts.isEmpty
            ? nil
            : end.namedPorts.map { PortJSON(name: $0.name, protocol: $0.protocol.name, port: $0.number) }
        cgroup = end.cgroup
        host_network = end.hostNetwork ? true : nil
    }

    /// The end without its address, which stands elsewhere.
    var end: FlowEnd {
        var all: Labels = [:]
        for label in labels ?? [] {
            let text = label.hasPrefix(Self.labelSource) ? label.dropFirst(Self.labelSource.count) : label[...]
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            all[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        let ports = (named_ports ?? []).compactMap { port in
            TransportProtocol(name: port.protocol).map {
                NamedPort(name: port.name, protocol: $0, number: port.port)
            }
        }
        return FlowEnd(
            namespace: namespace ?? "", pod: pod_name ?? "", labels: all, workload: workloads?.first,
            namedPorts: ports, cgroup: cgroup, hostNetwork: host_network ?? false)
    }
}

/// Hubble's `Layer4`: one field, named after the protocol. Protocols that it does
/// not know stand under `protocol`, by number.
struct TransportJSON: Codable {
    private struct Ports: Codable {
        var source_port: UInt16?
        var destination_port: UInt16
    }
    private struct NoPorts: Codable {}

    private var TCP: Ports?
    private var UDP: Ports?
    private var SCTP: Ports?
    private var ICMPv4: NoPorts?
    private var ICMPv6: NoPorts?
    private var `protocol`: UInt8?

    init(_ transport: FlowTransport) {
        let ports = Ports(
            source_port: transport.sourcePort == 0 ? nil : transport.sourcePort,
            destination_port: transport.destinationPort)
        switch (transport.protocol, transport.protocolNumber) {
        case (.tcp?, _): TCP = ports
        case (.udp?, _): UDP = ports
        case (.sctp?, _): SCTP = ports
        case (nil, 1): ICMPv4 = NoPorts()
        case (nil, 58): ICMPv6 = NoPorts()
        case (nil, let number): `protocol` = number
        }
    }

    var transport: FlowTransport {
        func carried(_ ports: Ports, by protocol: TransportProtocol) -> FlowTransport {
            FlowTransport(
                protocolNumber: `protocol`.rawValue, sourcePort: ports.source_port ?? 0,
                destinationPort: ports.destination_port)
        }
        if let TCP { return carried(TCP, by: .tcp) }
        if let UDP { return carried(UDP, by: .udp) }
        if let SCTP { return carried(SCTP, by: .sctp) }
        let number: UInt8 = ICMPv4 != nil ? 1 : ICMPv6 != nil ? 58 : `protocol` ?? 0
        return FlowTransport(protocolNumber: number, destinationPort: 0)
    }
}
