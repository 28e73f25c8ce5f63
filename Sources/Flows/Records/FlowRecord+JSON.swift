import PolicyModel

/// One flat object per record; fields that say nothing are left out.
extension FlowRecord: Codable {
    private enum CodingKeys: String, CodingKey {
        case source, destination, `protocol`, port, verdict, guarded, count, first, last, addresses, examples
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        key = Key(
            source: try fields.decode(FlowParty.self, forKey: .source),
            target: try fields.decode(TargetJSON.self, forKey: .destination).target,
            protocolNumber: try fields.decode(UInt8.self, forKey: .protocol),
            port: try fields.decode(UInt16.self, forKey: .port),
            verdict: try fields.decode(FlowVerdict.self, forKey: .verdict),
            guarded: try fields.decodeIfPresent(Bool.self, forKey: .guarded) ?? false)
        seen = Sightings(
            count: try fields.decode(UInt64.self, forKey: .count),
            first: try fields.decode(FlowTime.self, forKey: .first),
            last: try fields.decode(FlowTime.self, forKey: .last),
            addresses: AddressTally(
                (try fields.decodeIfPresent([CountJSON].self, forKey: .addresses) ?? [])
                    .map { ($0.cidr, $0.count) }),
            examples: try fields.decode([ExampleJSON].self, forKey: .examples).map(\.example))
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(key.source, forKey: .source)
        try fields.encode(TargetJSON(key.target), forKey: .destination)
        try fields.encode(key.protocolNumber, forKey: .protocol)
        try fields.encode(key.port, forKey: .port)
        try fields.encode(key.verdict, forKey: .verdict)
        if key.guarded { try fields.encode(true, forKey: .guarded) }
        try fields.encode(seen.count, forKey: .count)
        try fields.encode(seen.first, forKey: .first)
        try fields.encode(seen.last, forKey: .last)
        let counts = seen.addresses.counts.sorted { $0.key < $1.key }
        if !counts.isEmpty {
            try fields.encode(counts.map { CountJSON(cidr: $0.key, count: $0.value) }, forKey: .addresses)
        }
        try fields.encode(seen.examples.map(ExampleJSON.init), forKey: .examples)
    }
}

private struct CountJSON: Codable {
    var cidr: Prefix
    var count: UInt64
}

private struct ExampleJSON: Codable {
    private var pod: String
    private var address: IPAddress
    private var to: String?

    init(_ example: FlowRecord.Example) {
        (pod, address) = (example.pod, example.address)
        to = example.destinationPod.isEmpty ? nil : example.destinationPod
    }

    var example: FlowRecord.Example {
        FlowRecord.Example(pod: pod, address: address, destinationPod: to ?? "")
    }
}

private struct TargetJSON: Codable {
    private var kind: Flow.Kind
    private var namespace: String?
    private var name: String?
    private var pods: FlowParty?
    private var portNames: [String]?
    private var domains: [String]?

    init(_ target: FlowTarget) {
        switch target {
        case .pods(let party, let portNames):
            kind = .pod
            pods = party
            self.portNames = portNames.isEmpty ? nil : portNames
        case .service(let key):
            (kind, namespace, name) = (.service, key.namespace, key.name)
        case .node(let name): (kind, self.name) = (.node, name)
        case .metadata(let name): (kind, self.name) = (.metadata, name)
        case .domains(let names): (kind, domains) = (.external, names.map(\.description))
        case .external: kind = .external
        }
    }

    var target: FlowTarget {
        switch kind {
        case .pod: pods.map { .pods($0, portNames: portNames ?? []) } ?? .external
        case .service: .service(NamespacedName(namespace ?? "", name ?? ""))
        case .node: .node(name ?? "")
        case .metadata: .metadata(name ?? "")
        case .external: FlowTarget(outside: Set((domains ?? []).compactMap { DomainName($0) }))
        }
    }
}
