import Flows
import PolicyModel

/// Metadata endpoints, whether or not a guard was in force when they were tried.
enum GuardedDestinations {
    private static let guards = MetadataEndpoint.defaultGuards.map { (prefixes: $0.prefixes, ports: $0.ports) }

    static func holds(_ record: FlowRecord) -> Bool {
        record.seen.addresses.addresses.contains { address in
            guards.contains { row in
                row.ports.cover(record.key.protocolNumber, record.key.port)
                    && row.prefixes.contains { $0.contains(address) }
            }
        }
    }
}

extension Guard.Ports {
    fileprivate func cover(_ protocolNumber: UInt8, _ port: UInt16) -> Bool {
        let transport = TransportProtocol(rawValue: protocolNumber)
        return switch self {
        case .all: true
        case .allExcept(let ports): !((transport == .tcp || transport == .udp) && ports.contains(port))
        case .tcp(let ranges): transport == .tcp && ranges.contains { $0.contains(port) }
        }
    }
}
