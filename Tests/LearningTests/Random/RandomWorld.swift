import Flows
import PolicyModel
import TestHarness

/// A cluster whose pods are replicas of workloads, and what they talk about.
struct RandomWorld {
    private var random: SplitMix64
    private(set) var pods: [Pod] = []
    private(set) var services: [Service] = []
    private(set) var slices: [EndpointSlice] = []
    private var nextAddress: UInt32 = 0

    private static let namespaces = ["shop", "bank", "kube-system"]
    private static let names = ["web", "api", "db", "cache", "1", "true"]
    private static let outside =
        (0..<40).map { IPAddress(ipv4: 0xcb00_7100 + $0 * 7) }
        + (0..<8).map { IPAddress(high: 0x2001_0db8 << 32, low: $0 * 3) }

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        for number in 0..<random.number(3...9) { addWorkload(number) }
        addDNS()
        for number in 0..<random.number(0...4) { addService(number) }
    }

    var objects: [ClusterObject] {
        Self.namespaces.map { .namespace(Namespace(name: $0, labels: ["kubernetes.io/metadata.name": $0])) }
            + pods.map(ClusterObject.pod) + services.map(ClusterObject.service)
            + slices.map(ClusterObject.endpointSlice)
    }

    /// What the agent would record of the cluster.
    var recorded: RecordedCluster {
        let byAddress = Dictionary(pods.flatMap { pod in pod.addresses.map { ($0, pod) } }) { first, _ in first }
        return RecordedCluster(
            namespaces: Dictionary(
                uniqueKeysWithValues: Self.namespaces.map { ($0, ["kubernetes.io/metadata.name": $0]) }),
            services: services.map { service in
                let ways = slices.filter {
                    $0.serviceName == service.key.name && $0.key.namespace == service.key.namespace
                }
                .flatMap { slice in
                    slice.endpoints.flatMap(\.addresses).flatMap { address in
                        slice.ports.map { port in
                            let pod = byAddress[address]
                            return RecordedService.Way(
                                protocol: port.protocol,
                                port: service.ports.first { $0.name == port.name }?.number ?? 0, address: address,
                                targetPort: port.number ?? 0,
                                pods: pod.map { FlowParty(namespace: $0.key.namespace, labels: $0.labels) },
                                portNames: pod?.names(port.protocol, port.number ?? 0) ?? [])
                        }
                    }
                }
                return RecordedService(service.key, addresses: service.addresses, ways: ways)
            })
    }

    // MARK: Objects

    private mutating func addWorkload(_ number: Int) {
        let namespace = random.pick(Self.namespaces)
        let name = random.pick(Self.names)
        var labels: Labels = [random.pick(["app", "app.kubernetes.io/name", "k8s-app", "x"]): name]
        if random.oneIn(2) { labels["tier"] = random.pick(["front", "back", ""]) }
        if random.oneIn(3) { labels["version"] = random.pick(["v1", "v2"]) }
        if random.oneIn(8) { labels = [:] }
        let workload =
            random.oneIn(4)
            ? nil : Workload(kind: random.pick(["Deployment", "StatefulSet"]), name: "\(name)\(number)")
        let ports = (0..<random.number(0...2)).map { _ in
            NamedPort(name: random.pick(["http", "sql", "on"]), protocol: .tcp, number: random.pick([80, 5432, 8080]))
        }
        for replica in 0..<random.number(1...3) {
            var all = labels
            all["pod-template-hash"] = "h\(number)"
            if workload?.kind == "StatefulSet" { all["statefulset.kubernetes.io/pod-name"] = "\(name)-\(replica)" }
            pods.append(
                Pod(
                    key: NamespacedName(namespace, "\(name)\(number)-\(replica)"), labels: all,
                    addresses: addresses(), namedPorts: Array(Set(ports)), workload: workload))
        }
    }

    private mutating func addresses() -> [IPAddress] {
        nextAddress += 1
        let ipv4 = IPAddress(ipv4: 0x0a00_0000 + nextAddress)
        return random.oneIn(3) ? [ipv4, IPAddress(high: 0xfd00 << 48, low: UInt64(nextAddress))] : [ipv4]
    }

    private mutating func addDNS() {
        let labels: Labels = ["k8s-app": "kube-dns", "pod-template-hash": "dns"]
        let pod = Pod(
            key: NamespacedName("kube-system", "coredns-0"), labels: labels, addresses: addresses(),
            namedPorts: [
                NamedPort(name: "dns", protocol: .udp, number: 53),
                NamedPort(name: "dns-tcp", protocol: .tcp, number: 53),
            ],
            workload: Workload(kind: "Deployment", name: "coredns"))
        pods.append(pod)
        add(
            Service(
                key: NamespacedName("kube-system", "kube-dns"), addresses: [IPAddress(ipv4: 0x0a60_000a)],
                ports: [TransportProtocol.udp, .tcp].map {
                    Service.Port(name: $0.name, protocol: $0, number: 53, target: .number(53))
                },
                selector: nil), target: 53, backends: [pod])
    }

    private mutating func addService(_ number: Int) {
        let first = random.pick(pods)
        let group = pods.filter { $0.key.namespace == first.key.namespace && $0.workload == first.workload }
        let target: UInt16 = random.pick([80, 5432, 9000])
        add(
            Service(
                key: NamespacedName(first.key.namespace, "s\(number)"),
                addresses: [IPAddress(ipv4: 0x0a60_0100 + UInt32(number))],
                ports: [Service.Port(name: "main", protocol: .tcp, number: 443, target: .number(target))], selector: nil
            ),
            target: target, backends: group)
    }

    private mutating func add(_ service: Service, target: UInt16, backends: [Pod]) {
        services.append(service)
        slices.append(
            EndpointSlice(
                key: NamespacedName(service.key.namespace, "\(service.key.name)-slice"), serviceName: service.key.name,
                ports: service.ports.map { EndpointSlice.Port(name: $0.name, protocol: $0.protocol, number: target) },
                endpoints: backends.map { EndpointSlice.Endpoint(addresses: $0.addresses) }))
    }

    // MARK: Traffic

    mutating func traffic(_ count: Int) -> [Flow] { (0..<count).map { flow($0) } }

    private mutating func flow(_ number: Int) -> Flow {
        let source = random.pick(pods)
        var flow = Flow(
            time: FlowTime(nanoseconds: 1_795_000_000_000_000_000 + UInt64(number) * 1_000_000_000),
            verdict: random.oneIn(12) ? .denied : random.oneIn(12) ? .audit : .allowed,
            source: FlowEnd(
                address: source.addresses[0], namespace: source.key.namespace, pod: source.key.name,
                labels: source.labels, workload: source.workload),
            destination: FlowEnd(),
            transport: FlowTransport(
                protocolNumber: random.pick([6, 6, 17, 132]), destinationPort: random.pick([80, 443, 5432, 8080])))
        switch random.number(0...9) {
        case 0...3:
            let pod = random.pick(pods)
            flow.destinationKind = .pod
            flow.destination = FlowEnd(
                address: random.pick(pod.addresses), namespace: pod.key.namespace, pod: pod.key.name,
                labels: pod.labels, workload: pod.workload, namedPorts: pod.namedPorts)
        case 4...6:
            let service = random.pick(services)
            let port = random.pick(service.ports)
            (flow.destinationKind, flow.service) = (.service, service.key)
            flow.destination.address = service.addresses[0]
            flow.transport = FlowTransport(protocolNumber: port.protocol.rawValue, destinationPort: port.number)
        case 7:
            (flow.destinationKind, flow.destinationNames) = (.metadata, ["imds"])
            flow.destination.address = IPAddress(ipv4: 0xa9fe_a9fe)
            (flow.verdict, flow.guarded) = (.denied, true)
        default:
            let address = random.pick(Self.outside)
            flow.destination.address = address
            flow.destinationNames = Self.names(of: address).map(\.description)
        }
        return flow
    }

    /// What pods are told outside addresses for; some they know by themselves.
    static func names(of address: IPAddress) -> [DomainName] {
        let number = address.low / 7 % 5
        return (0..<number % 3).compactMap { DomainName("n\((number + $0) % 4).example.com") }
    }

    /// A flow between two pods.
    mutating func pair() -> (source: Pod, address: IPAddress, port: UInt16) {
        (random.pick(pods), random.pick(random.pick(pods).addresses), random.pick([80, 443, 5432, 8080, 9000]))
    }
}

extension Pod {
    func names(_ protocol: TransportProtocol, _ number: UInt16) -> [String] {
        Set(namedPorts.filter { $0.protocol == `protocol` && $0.number == number }.map(\.name)).sorted()
    }
}
