import PolicyModel
import VerdictTables

/// What an address is to rules.
struct Identity {
    var members: [PeerID]
    var peers: [PeerIdentity]
    /// The pods among them.
    var groups: [PodGroup]

    init(_ members: [PeerID], _ addressTable: AddressTable) {
        self.members = members
        peers = members.compactMap(addressTable.identity)
        groups = peers.compactMap { PodGroup($0) }
    }
}

extension Identity {
    /// Whether rules are about it by the blocks and nodes that they name, and nothing else.
    var isBlocksAlone: Bool {
        peers.allSatisfy {
            switch $0 {
            case .block, .nodes: true
            case .pods, .service, .guarded, .ownNode: false
            }
        }
    }
}

/// The other end of a flow: the destination in egress, the source in ingress. It holds all
/// that is known of an address, whichever set is asked about it, found out once for all sets.
struct RemoteEnd {
    var identity: Identity
    var frontends: [Frontend]

    /// - Parameter members: what the address is; empty for `.other`.
    init(_ members: [PeerID], _ addressTable: AddressTable, _ cluster: ClusterState) {
        identity = Identity(members, addressTable)
        frontends = Self.frontends(at: identity.peers, addressTable, cluster)
    }

    /// The ports that an address has as a service's. Where several services claim
    /// one, any of them may get the traffic: what is behind all of them counts.
    private static func frontends(
        at peers: [PeerIdentity], _ addressTable: AddressTable, _ cluster: ClusterState
    ) -> [Frontend] {
        var frontends: [Frontend] = []
        // Most endpoints are asked about twice: of those in use, and of all.
        var identities: [IPAddress: Identity] = [:]
        func identity(at address: IPAddress) -> Identity {
            if let known = identities[address] { return known }
            let identity = Identity(addressTable.members(at: address), addressTable)
            identities[address] = identity
            return identity
        }
        for service in peers.compactMap({ cluster.service($0) }).sorted(by: { $0.service.key < $1.service.key }) {
            let name = service.service.key
            if cluster.crowded.contains(service.service.key) {
                frontends += service.service.ports.map {
                    Frontend(
                        service: name, protocol: $0.protocol, number: $0.number, backends: [], everyBackend: [],
                        isCrowded: true)
                }
                continue
            }
            for port in service.service.ports {
                func named(_ backends: [Backend]) -> [Frontend.Endpoint] {
                    backends.map {
                        Frontend.Endpoint(
                            service: name, address: $0.address, port: $0.port, identity: identity(at: $0.address))
                    }
                }
                let backends = cluster.backends(of: service, port)
                if let known = frontends.firstIndex(where: {
                    $0.protocol == port.protocol && $0.number == port.number
                }) {
                    frontends[known].backends += named(backends.inUse)
                    frontends[known].everyBackend += named(backends.all)
                } else {
                    frontends.append(
                        Frontend(
                            service: name, protocol: port.protocol, number: port.number,
                            backends: named(backends.inUse), everyBackend: named(backends.all)))
                }
            }
        }
        return frontends
    }
}

extension PolicyCompiler {
    func remoteEnd(_ members: [PeerID]) -> RemoteEnd { RemoteEnd(members, addressTable, cluster) }
}
