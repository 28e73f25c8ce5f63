import PolicyModel

/// What a service or a pod comes to for packets: addresses and a port.
struct ResolvedObject {
    /// For instance `service shop/api`.
    var text: String
    var addresses: [IPAddress]
    var port: UInt16
    var `protocol`: ProbeProtocol

    /// - Parameter objects: the services and pods that are known. A service of the name comes before a pod.
    /// - Throws: `Failure` that says what there is instead.
    init(_ wanted: ObjectDestination, among objects: [ClusterObject]) throws {
        var pod: Pod?
        for object in objects {
            switch object {
            case .service(let service) where service.key == wanted.key:
                self = try ResolvedObject(wanted, service)
                return
            case .pod(let found) where found.key == wanted.key: pod = found
            default: break
            }
        }
        guard let pod else {
            throw Failure.badInput("--to \(wanted.key): there is no service and no pod of that name in the namespace")
        }
        self = try ResolvedObject(wanted, pod)
    }

    private init(_ wanted: ObjectDestination, _ service: Service) throws {
        text = "service \(service.key)"
        guard let asked = wanted.port else {
            throw Failure.badInput(
                "--to \(text): a service answers no ICMP; ask for one of its ports: \(service.portsText)")
        }
        guard !service.addresses.isEmpty else {
            throw Failure.badInput(
                "--to \(text): it has no address of its own (headless, or an ExternalName); ask for one of its pods, "
                    + "or for the domain name")
        }
        addresses = service.addresses
        let found = service.ports.filter { port in
            asked == .number(port.number) || asked == .named(port.name)
        }.map { (protocol: $0.protocol, number: $0.number) }
        (self.protocol, port) = try Self.one(of: found, wanted, text, has: service.portsText)
    }

    private init(_ wanted: ObjectDestination, _ pod: Pod) throws {
        text = "pod \(pod.key)"
        guard !pod.addresses.isEmpty, !pod.finished else {
            throw Failure.badInput("--to \(text): it has \(pod.finished ? "finished" : "no address yet")")
        }
        addresses = pod.addresses
        switch wanted.port {
        case nil: (self.protocol, port) = (.icmp, 0)
        // A pod may listen on ports that it does not name.
        case .number(let number): (self.protocol, port) = (wanted.protocol ?? .tcp, number)
        case .named(let name):
            let found = pod.namedPorts.filter { $0.name == name }.map { (protocol: $0.protocol, number: $0.number) }
            let names = pod.namedPorts.map { "\($0.name) (\($0.number)/\($0.protocol.name))" }
            (self.protocol, port) = try Self.one(
                of: found, wanted, text, has: names.isEmpty ? "none that has a name" : names.joined(separator: ", "))
        }
    }

    /// The port that is meant; TCP where it is there and nobody said otherwise.
    private static func one(
        of found: [(protocol: TransportProtocol, number: UInt16)], _ wanted: ObjectDestination, _ text: String,
        has ports: String
    ) throws -> (ProbeProtocol, UInt16) {
        let fitting = found.filter { wanted.protocol == nil || $0.protocol.name == wanted.protocol?.rawValue }
        guard let port = fitting.first(where: { $0.protocol == .tcp }) ?? fitting.first,
            let named = ProbeProtocol(rawValue: port.protocol.name)
        else {
            let asked = (wanted.protocol.map { "\($0.rawValue) " } ?? "") + "port \(wanted.port.map { "\($0)" } ?? "")"
            throw Failure.badInput("--to \(text): there is no \(asked); its ports: \(ports)")
        }
        return (named, port.number)
    }
}

extension Service {
    fileprivate var portsText: String {
        let texts = ports.map { ($0.name.isEmpty ? "" : "\($0.name) ") + "(\($0.number)/\($0.protocol.name))" }
        return texts.isEmpty ? "none" : texts.joined(separator: ", ")
    }
}
