/// What a client asks the agent, one line of JSON.
public struct FlowRequest: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable { case observe }

    /// Of the protocol; the agent refuses others.
    public static let version = 1

    public var kind = Kind.observe
    public var filter: FlowFilter
    /// So many of the latest flows that the filter wants; nil: all that are kept,
    /// or where flows are followed and the filter has no `since` none.
    public var last: Int?
    /// Whether flows are wanted as they happen, without an end.
    public var follow: Bool

    public init(filter: FlowFilter = FlowFilter(), last: Int? = nil, follow: Bool = false) {
        self.filter = filter
        self.last = last
        self.follow = follow
    }
}

extension FlowRequest: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable { case version, kind, filter, last, follow }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let version = try fields.decode(Int.self, forKey: .version)
        guard version == Self.version else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: fields,
                debugDescription: "this is version \(Self.version): take the tool and the agent from one release")
        }
        // Not before the version: a newer one may have more.
        try decoder.refuseFields(otherThan: CodingKeys.allCases.map(\.rawValue))
        kind = try fields.decode(Kind.self, forKey: .kind)
        filter = try fields.decodeIfPresent(FlowFilter.self, forKey: .filter) ?? FlowFilter()
        follow = try fields.decodeIfPresent(Bool.self, forKey: .follow) ?? false
        last = try fields.decodeIfPresent(Int.self, forKey: .last)
        if let last, last < 0 {
            throw DecodingError.dataCorruptedError(
                forKey: .last, in: fields, debugDescription: "\(last) is below 0")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(Self.version, forKey: .version)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(filter, forKey: .filter)
        try fields.encodeIfPresent(last, forKey: .last)
        try fields.encode(follow, forKey: .follow)
    }
}

extension Decoder {
    /// A field that nobody reads is misspelt, and what it should do would not happen.
    func refuseFields(otherThan known: [String]) throws {
        let fields = try container(keyedBy: AnyKey.self)
        for key in fields.allKeys.map(\.stringValue).sorted() where !known.contains(key) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: codingPath,
                    debugDescription: "there is no field \(key); there are \(known.joined(separator: ", "))"))
        }
    }
}

private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
