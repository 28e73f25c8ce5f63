import Flows
import PolicyModel

/// What is behind services: by the cluster's objects where they are given, else as
/// recorded.
struct Services {
    private var known: [NamespacedName: RecordedService]

    init(_ recorded: [RecordedService], objects: [ClusterObject], records: [FlowRecord]) {
        known = Dictionary(recorded.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let pods = PodsByAddress(objects)
        var slices: [NamespacedName: [EndpointSlice]] = [:]
        for case .endpointSlice(let slice) in objects {
            slices[NamespacedName(slice.key.namespace, slice.serviceName), default: []].append(slice)
        }
        for case .service(let service) in objects {
            known[service.key] = RecordedService(service, slices[service.key] ?? [], pods)
        }
        for record in records where known[ClusterDNS.service] == nil {
            guard record.key.target == .service(ClusterDNS.service) else { continue }
            known[ClusterDNS.service] = ClusterDNS.assumed(record.seen.addresses.addresses)
        }
    }

    var all: [RecordedService] { known.values.sorted { $0.key < $1.key } }

    /// The ways on from a service's port; none if nothing is known of it.
    func ways(_ key: NamespacedName, _ protocolNumber: UInt8, _ port: UInt16) -> [RecordedService.Way] {
        (known[key]?.ways ?? []).filter { $0.protocol.rawValue == protocolNumber && $0.port == port }
    }
}

/// Pods of the objects, by their addresses.
struct PodsByAddress {
    private var pods: [IPAddress: Pod] = [:]

    init(_ objects: [ClusterObject]) {
        for case .pod(let pod) in objects where !pod.hostNetwork && !pod.finished {
            for address in pod.addresses { pods[address] = pod }
        }
    }

    subscript(address: IPAddress) -> Pod? { pods[address] }

    var all: [IPAddress: Pod] { pods }
}

extension Pod {
    var party: FlowParty { FlowParty(namespace: key.namespace, labels: labels, workload: workload) }

    func portNames(_ protocol: TransportProtocol, _ number: UInt16) -> [String] {
        Set(namedPorts.filter { $0.protocol == `protocol` && $0.number == number }.map(\.name)).sorted()
    }
}

extension RecordedService {
    init(_ service: Service, _ slices: [EndpointSlice], _ pods: PodsByAddress) {
        var ways: [Way] = []
        for slice in slices.sorted(by: { $0.key < $1.key }) {
            for port in slice.ports {
                guard let number = port.number,
                    let frontend = service.ports.first(where: {
                        $0.name == port.name && $0.protocol == port.protocol
                    })
                else { continue }
                for address in slice.endpoints.filter(\.ready).flatMap(\.addresses) {
                    ways.append(
                        Way(
                            protocol: port.protocol, port: frontend.number, address: address, targetPort: number,
                            pods: pods[address]?.party,
                            portNames: pods[address]?.portNames(port.protocol, number) ?? []))
                }
            }
        }
        self.init(service.key, addresses: service.addresses, ways: ways)
    }
}

/// The cluster's DNS, as every conformant cluster names it
/// (kubernetes/dns docs/specification.md; kubeadm's and kube-up's manifests).
enum ClusterDNS {
    static let service = NamespacedName("kube-system", "kube-dns")
    static let labels: Labels = ["k8s-app": "kube-dns"]
    static let port: UInt16 = 53

    static func isPart(_ party: FlowParty) -> Bool {
        party.namespace == service.namespace && labels.isPart(of: party.labels)
    }

    /// What is behind the service where nobody says it.
    static func assumed(_ addresses: [IPAddress]) -> RecordedService {
        let endpoint = IPAddress(high: 0x100 << 48, low: 53)
        let pods = FlowParty(namespace: service.namespace, labels: labels)
        return RecordedService(
            service, addresses: addresses,
            ways: [TransportProtocol.udp, .tcp].flatMap { transport in
                // Translation keeps the family: one endpoint of each.
                [endpoint, IPAddress(ipv4: 0xf000_0035)].map {
                    RecordedService.Way(
                        protocol: transport, port: port, address: $0, targetPort: port, pods: pods)
                }
            })
    }
}
