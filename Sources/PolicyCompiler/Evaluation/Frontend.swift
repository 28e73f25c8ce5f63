import PolicyModel
import VerdictTables

/// A service's port at an address, and what translation may turn it into.
struct Frontend {
    struct Endpoint {
        var service: NamespacedName
        var address: IPAddress
        var port: UInt16
        /// What its address is.
        var identity: Identity

        var endpoint: AddressPort { AddressPort(address, port) }
    }

    /// The first service, by name, that has the port.
    var service: NamespacedName
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
    func service(_ identity: PeerIdentity) -> ServiceAddress? {
        guard case .service(let key, let ipv4) = identity else { return nil }
        return services[key].map { ServiceAddress(service: $0, ipv4: ipv4) }
    }
}
