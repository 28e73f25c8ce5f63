import PolicyModel
import VerdictTables

/// A service's port at an address, and what translation may turn it into.
struct Frontend {
    struct Endpoint {
        var service: String
        var address: IPAddress
        var port: UInt16
        /// What its address is.
        var identity: Identity

        var text: String { address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
    }

    /// The first service, by name, that has the port.
    var service: String
    var `protocol`: TransportProtocol
    var number: UInt16
    var backends: [Endpoint]
    /// Those that get no traffic now among them: what is guarded stays guarded
    /// while a hand-made slice's readiness comes and goes.
    var everyBackend: [Endpoint]

    /// Whether its service has more endpoints than are asked about; nobody may use it then.
    var isCrowded = false

    var pattern: PortPattern { .ports(`protocol`, number...number) }
}

extension ClusterState {
    func service(_ peership: PeerIdentity) -> ServiceAddress? {
        guard case .service(let name, let ipv4) = peership, let slash = name.firstIndex(of: "/") else {
            return nil
        }
        let key = NamespacedName(String(name[..<slash]), String(name[name.index(after: slash)...]))
        return services[key].map { ServiceAddress(service: $0, ipv4: ipv4) }
    }
}
