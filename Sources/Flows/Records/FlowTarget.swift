public import PolicyModel

/// Where flows go, as far as a policy can tell destinations apart.
public enum FlowTarget: Hashable, Sendable {
    /// Pods, with the names that they have for the port in question, sorted.
    case pods(FlowParty, portNames: [String])
    /// A service's own address; translation comes later.
    case service(NamespacedName)
    case node(String)
    /// A guarded metadata endpoint.
    case metadata(String)
    /// Outside, at addresses that the pod was told for these names: sorted, at least one.
    case domains([DomainName])
    /// Outside, at addresses of which no name is known.
    case external

    public init(_ flow: Flow) {
        let name = flow.destinationNames.first ?? ""
        switch (flow.destinationKind, FlowParty(flow.destination), flow.service) {
        case (.pod, let party?, _):
            let transport = flow.transport
            let ports = flow.destination.namedPorts.filter {
                $0.number == transport.destinationPort && $0.protocol == transport.protocol
            }
            self = .pods(party, portNames: Set(ports.map(\.name)).sorted())
        case (.service, _, let service?): self = .service(service)
        case (.node, _, _): self = .node(name)
        case (.metadata, _, _): self = .metadata(name)
        default: self.init(outside: Set(flow.domainNames))
        }
    }

    init(outside names: Set<DomainName>) {
        self = names.isEmpty ? .external : .domains(names.sorted())
    }

    /// As reports name it; what has no name, by its address.
    public func text(address: String) -> String {
        switch self {
        case .pods(let party, _): party.text
        case .service(let key): "service \(key)"
        case .node(let name): "node \(name.isEmpty ? address : name)"
        case .metadata(let name): "metadata \(name.isEmpty ? address : name)"
        case .domains(let names):
            names.prefix(2).map(\.description).joined(separator: ", ")
                + (names.count > 2 ? " and \(names.count - 2) more" : "")
        case .external: address
        }
    }
}
