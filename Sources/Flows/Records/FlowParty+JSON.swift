import PolicyModel

extension FlowParty: Codable {
    private enum CodingKeys: String, CodingKey { case namespace, labels, workload }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            namespace: try fields.decode(String.self, forKey: .namespace),
            labels: try fields.decodeIfPresent(Labels.self, forKey: .labels) ?? [:],
            workload: try fields.decodeIfPresent(Workload.self, forKey: .workload))
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(namespace, forKey: .namespace)
        if !labels.isEmpty { try fields.encode(labels, forKey: .labels) }
        try fields.encodeIfPresent(workload, forKey: .workload)
    }
}
