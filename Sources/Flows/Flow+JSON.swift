import PolicyModel

/// Hubble's names (api/v1/flow/flow.proto): time, verdict, IP, l4, source,
/// destination, node_name, destination_names, destination_service, Type,
/// traffic_direction, egress_allowed_by, egress_denied_by. Of Sluice alone:
/// count, destination_kind, reason, guarded, hook, process.
extension Flow: Codable {
    private enum CodingKeys: String, CodingKey {
        case time, verdict, count, source, destination, reason, guarded, hook, process, l4
        case ip = "IP"
        case node = "node_name"
        case destinationKind = "destination_kind"
        case destinationNames = "destination_names"
        case service = "destination_service"
        case type = "Type"
        case direction = "traffic_direction"
        case allowedBy = "egress_allowed_by"
        case deniedBy = "egress_denied_by"
    }

    private enum AddressKeys: String, CodingKey { case source, destination, ipVersion }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let verdict = try fields.decode(FlowVerdict.self, forKey: .verdict)
        var source = try fields.decode(EndJSON.self, forKey: .source).end
        var destination = try fields.decode(EndJSON.self, forKey: .destination).end
        let addresses = try fields.nestedContainer(keyedBy: AddressKeys.self, forKey: .ip)
        source.address = try addresses.address(.source)
        destination.address = try addresses.address(.destination)
        let policies =
            try fields.decodeIfPresent([FlowPolicy].self, forKey: .allowedBy)
            ?? fields.decodeIfPresent([FlowPolicy].self, forKey: .deniedBy) ?? []
        self.init(
            time: try fields.decode(FlowTime.self, forKey: .time), verdict: verdict,
            count: try fields.decodeIfPresent(UInt32.self, forKey: .count) ?? 1,
            node: try fields.decodeIfPresent(String.self, forKey: .node) ?? "",
            source: source, destination: destination,
            transport: try fields.decode(TransportJSON.self, forKey: .l4).transport,
            destinationKind: try fields.decode(Kind.self, forKey: .destinationKind),
            destinationNames: try fields.decodeIfPresent([String].self, forKey: .destinationNames) ?? [],
            service: try fields.decodeIfPresent(ServiceJSON.self, forKey: .service)?.key,
            policy: policies.first,
            reason: try fields.decodeIfPresent(String.self, forKey: .reason) ?? "",
            guarded: try fields.decodeIfPresent(Bool.self, forKey: .guarded) ?? false,
            hook: try fields.decodeIfPresent(FlowHook.self, forKey: .hook) ?? .egress,
            process: try fields.decodeIfPresent(Process.self, forKey: .process))
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(time, forKey: .time)
        try fields.encode(verdict, forKey: .verdict)
        if count > 1 { try fields.encode(count, forKey: .count) }
        try fields.encode(node, forKey: .node)
        try fields.encode(EndJSON(source), forKey: .source)
        try fields.encode(EndJSON(destination), forKey: .destination)
        var addresses = fields.nestedContainer(keyedBy: AddressKeys.self, forKey: .ip)
        try addresses.encodeIfPresent(source.address?.description, forKey: .source)
        try addresses.encodeIfPresent(destination.address?.description, forKey: .destination)
        try addresses.encodeIfPresent(
            destination.address.map { $0.isIPv4 ? "IPv4" : "IPv6" }, forKey: .ipVersion)
        try fields.encode(TransportJSON(transport), forKey: .l4)
        try fields.encode(destinationKind, forKey: .destinationKind)
        if !destinationNames.isEmpty { try fields.encode(destinationNames, forKey: .destinationNames) }
        try fields.encodeIfPresent(service.map(ServiceJSON.init), forKey: .service)
        if let policy {
            try fields.encode([policy], forKey: verdict == .allowed ? .allowedBy : .deniedBy)
        }
        try fields.encode("L3_L4", forKey: .type)
        try fields.encode("EGRESS", forKey: .direction)
        try fields.encode(reason, forKey: .reason)
        if guarded { try fields.encode(guarded, forKey: .guarded) }
        try fields.encode(hook, forKey: .hook)
        try fields.encodeIfPresent(process, forKey: .process)
    }

    private struct ServiceJSON: Codable {
        var name: String
        var namespace: String
        init(_ key: NamespacedName) { (name, namespace) = (key.name, key.namespace) }
        var key: NamespacedName { NamespacedName(namespace, name) }
    }
}

extension KeyedDecodingContainer {
    fileprivate func address(_ key: Key) throws -> IPAddress? {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let address = IPAddress(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "not an IP address: \(text)")
        }
        return address
    }
}
