/// What the agent answers, one line of JSON each.
public enum FlowAnswer: Hashable, Sendable {
    /// `{"flow": {…}}`
    case flow(Flow)
    /// `{"lost": 12}`: so many flows went by while the reader was slow, whether
    /// or not they were wanted.
    case lost(UInt64)
    /// `{"error": "…"}`: the request cannot be answered; nothing follows.
    case error(String)
    /// `{"end": true}`: that was all.
    case end
}

extension FlowAnswer: Codable {
    private enum CodingKeys: String, CodingKey { case flow, lost, error, end }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        if let flow = try fields.decodeIfPresent(Flow.self, forKey: .flow) {
            self = .flow(flow)
        } else if let lost = try fields.decodeIfPresent(UInt64.self, forKey: .lost) {
            self = .lost(lost)
        } else if let error = try fields.decodeIfPresent(String.self, forKey: .error) {
            self = .error(error)
        } else if try fields.decodeIfPresent(Bool.self, forKey: .end) == true {
            self = .end
        } else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no answer that this version knows"))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .flow(let flow): try fields.encode(flow, forKey: .flow)
        case .lost(let count): try fields.encode(count, forKey: .lost)
        case .error(let message): try fields.encode(message, forKey: .error)
        case .end: try fields.encode(true, forKey: .end)
        }
    }
}
