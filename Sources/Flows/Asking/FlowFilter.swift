/// Which flows are wanted.
///
/// Criteria of one kind are alternatives; of each kind that is named one must be
/// met, and none of the unwanted ones may be.
public struct FlowFilter: Hashable, Sendable {
    public private(set) var wanted: [FlowCriterion.Kind: [FlowCriterion]] = [:]
    public private(set) var unwanted: [FlowCriterion] = []
    /// Nothing from before.
    public var since: FlowTime?

    public init(wanted: [FlowCriterion] = [], unwanted: [FlowCriterion] = [], since: FlowTime? = nil) {
        self.wanted = Dictionary(grouping: wanted, by: \.kind)
        self.unwanted = unwanted
        self.since = since
    }

    public func matches(_ flow: Flow) -> Bool {
        if let since, flow.time < since { return false }
        return wanted.values.allSatisfy { $0.contains { $0.matches(flow) } }
            && !unwanted.contains { $0.matches(flow) }
    }
}

/// In JSON `{"wanted": {"to-port": ["53"]}, "unwanted": {"verdict": ["ALLOWED"]},
/// "since": "2026-11-21T14:38:16Z"}`, each part left out where there is nothing.
extension FlowFilter: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable { case wanted, unwanted, since }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try decoder.refuseFields(otherThan: CodingKeys.allCases.map(\.rawValue))
        self.init(
            wanted: try Self.criteria(fields, .wanted), unwanted: try Self.criteria(fields, .unwanted),
            since: try fields.decodeIfPresent(FlowTime.self, forKey: .since))
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        if !wanted.isEmpty { try fields.encode(wanted.mapValues { $0.map(\.text) }, forKey: .wanted) }
        if !unwanted.isEmpty {
            let grouped = Dictionary(grouping: unwanted, by: \.kind)
            try fields.encode(grouped.mapValues { $0.map(\.text) }, forKey: .unwanted)
        }
        try fields.encodeIfPresent(since, forKey: .since)
    }

    private static func criteria(
        _ fields: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys
    ) throws -> [FlowCriterion] {
        var criteria: [FlowCriterion] = []
        for (name, texts) in try fields.decodeIfPresent([String: [String]].self, forKey: key) ?? [:] {
            guard let kind = FlowCriterion.Kind(rawValue: name) else {
                let kinds = FlowCriterion.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: fields, debugDescription: "there is no \(name); there are \(kinds)")
            }
            for text in texts {
                do {
                    criteria.append(try FlowCriterion(kind, text))
                } catch {
                    throw DecodingError.dataCorruptedError(
                        forKey: key, in: fields, debugDescription: "\(error)")
                }
            }
        }
        return criteria
    }
}
