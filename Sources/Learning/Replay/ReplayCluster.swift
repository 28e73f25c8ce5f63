import Flows
import PolicyModel

/// The objects that recorded flows need to be judged again: those that are given,
/// and for what is not among them any more, such as the records tell.
struct ReplayCluster {
    struct Question: Hashable {
        var pod: NamespacedName
        var address: IPAddress
        /// What the pod was told the address for.
        var names: [DomainName] = []
    }

    struct ReplayCase {
        var record: FlowRecord
        var questions: [Question]
    }

    private(set) var scenes: [ReplayCase] = []
    private var pods: [NamespacedName: Pod] = [:]
    private var others: [ClusterObject] = []
    /// Whose an address is. One that several had in turn is the last one's.
    private var owners: [IPAddress: NamespacedName] = [:]
    private var made: UInt32 = 0
    private let names: KnownNames

    var objects: [ClusterObject] { others + pods.values.sorted { $0.key < $1.key }.map(ClusterObject.pod) }

    init(_ records: [FlowRecord], cluster: RecordedCluster, objects: [ClusterObject]) {
        names = KnownNames(records)
        var given: Set<ObjectReference> = []
        for object in objects {
            given.insert(object.reference)
            if case .pod(let pod) = object {
                pods[pod.key] = pod
                if !pod.hostNetwork && !pod.finished {
                    for address in pod.addresses { owners[address] = pod.key }
                }
            } else {
                others.append(object)
            }
        }
        for (name, labels) in cluster.namespaces.sorted(by: { $0.key < $1.key })
        where !given.contains(ObjectReference(.namespace, "", name)) {
            others.append(.namespace(Namespace(name: name, labels: labels)))
        }
        let services = Services(cluster.services, objects: objects, records: records)
        for service in services.all where !given.contains(ObjectReference(.service, service.key)) {
            add(service)
        }
        addNodes(records, given: given)
        // The last to be seen at an address keeps it.
        let byAge = records.indices.sorted { (records[$0].seen.last, $1) > (records[$1].seen.last, $0) }
        var questions: [Int: [Question]] = [:]
        for index in byAge { questions[index] = self.questions(about: records[index]) }
        scenes = records.indices.map { ReplayCase(record: records[$0], questions: questions[$0] ?? []) }
    }

    // MARK: What is asked

    private mutating func questions(about record: FlowRecord) -> [Question] {
        let transport = TransportProtocol(rawValue: record.key.protocolNumber)
        var questions: [Question] = []
        for example in record.seen.examples {
            let source = pod(example.pod, as: record.key.source)
            var address = example.address
            if case .pods(let party, let names) = record.key.target {
                let ports = transport.map { transport in
                    names.map { NamedPort(name: $0, protocol: transport, number: record.key.port) }
                }
                let name = example.destinationPod.isEmpty ? "recorded-at-\(address)" : example.destinationPod
                address = ensurePod(party, name, at: address, ports: ports ?? [])
            }
            questions.append(question(source, address, record))
        }
        if let source = questions.first?.pod {
            questions += record.seen.addresses.addresses.map { question(source, $0, record) }
        }
        var asked: Set<Question> = []
        return questions.filter { asked.insert($0).inserted }
    }

    private func question(_ pod: NamespacedName, _ address: IPAddress, _ record: FlowRecord) -> Question {
        Question(pod: pod, address: address, names: names.names(of: address, in: record))
    }

    // MARK: Pods

    /// The pod of this name if it is such a pod, else a made one.
    private mutating func pod(_ name: String, as party: FlowParty) -> NamespacedName {
        var key = NamespacedName(party.namespace, name)
        while let there = pods[key], there.labels.stable != party.labels || there.hostNetwork {
            key.name += "-then"
        }
        if pods[key] == nil { pods[key] = Pod(key: key, labels: party.labels, workload: party.workload) }
        return key
    }

    /// Sees to it that such a pod has an address.
    /// - Returns: the address; another one if the wanted one is another's.
    private mutating func ensurePod(
        _ party: FlowParty, _ name: String, at wanted: IPAddress, ports: [NamedPort]
    ) -> IPAddress {
        if let owner = owners[wanted], let there = pods[owner], there.key.namespace == party.namespace,
            there.labels.stable == party.labels
        {
            addPorts(ports, to: owner)
            return wanted
        }
        let key = pod(name, as: party)
        addPorts(ports, to: key)
        let address = owners[wanted] == nil ? wanted : madeAddress(ipv4: wanted.isIPv4)
        owners[address] = key
        pods[key]?.addresses.append(address)
        return address
    }

    private mutating func addPorts(_ ports: [NamedPort], to key: NamespacedName) {
        guard var pod = pods[key] else { return }
        pod.namedPorts = Set(pod.namedPorts + ports).sorted()
        pods[key] = pod
    }

    /// One that nothing has: of IPv4's reserved block (RFC 1112, 4), of IPv6's
    /// discard-only block (RFC 6666).
    private mutating func madeAddress(ipv4: Bool) -> IPAddress {
        made += 1
        return ipv4
            ? IPAddress(ipv4: 0xf100_0000 + made)
            : IPAddress(high: 0x100 << 48, low: 1 << 32 + UInt64(made))
    }

    // MARK: Services and nodes

    private mutating func add(_ service: RecordedService) {
        var ports: [Service.Port] = []
        for (number, way) in service.ways.enumerated() {
            let name = "\(way.protocol.name)-\(way.port)"
            var address = way.address
            if let party = way.pods {
                address = ensurePod(
                    party, "endpoint-\(number)-of-\(service.name)", at: address,
                    ports: way.portNames.map {
                        NamedPort(name: $0, protocol: way.protocol, number: way.targetPort)
                    })
            }
            if !ports.contains(where: { $0.name == name }) {
                ports.append(
                    Service.Port(
                        name: name, protocol: way.protocol, number: way.port, target: .number(way.targetPort)))
            }
            others.append(
                .endpointSlice(
                    EndpointSlice(
                        key: NamespacedName(service.namespace, "\(service.name)-recorded-\(number)"),
                        serviceName: service.name,
                        ports: [EndpointSlice.Port(name: name, protocol: way.protocol, number: way.targetPort)],
                        endpoints: [EndpointSlice.Endpoint(addresses: [address])])))
        }
        others.append(
            .service(Service(key: service.key, addresses: service.addresses, ports: ports, selector: nil)))
    }

    private mutating func addNodes(_ records: [FlowRecord], given: Set<ObjectReference>) {
        var nodes: [String: Set<IPAddress>] = [:]
        for record in records {
            guard case .node(let name) = record.key.target, !name.isEmpty else { continue }
            nodes[name, default: []].formUnion(record.seen.addresses.addresses)
        }
        for (name, addresses) in nodes.sorted(by: { $0.key < $1.key })
        where !given.contains(ObjectReference(.node, "", name)) {
            others.append(
                .node(Node(name: name, labels: ["kubernetes.io/hostname": name], addresses: addresses.sorted())))
        }
    }
}
