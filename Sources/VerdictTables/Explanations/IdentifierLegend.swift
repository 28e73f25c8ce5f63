public import PolicyModel

extension TableIdentifier {
    public var codingKey: any CodingKey { IdentifierKey(stringValue: description) }

    public init?(codingKey: some CodingKey) {
        guard let rawValue = UInt64(codingKey.stringValue, radix: 16) else { return nil }
        self.init(rawValue: rawValue)
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let rawValue = UInt64(text, radix: 16) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not an identifier: \(text)"))
        }
        self.init(rawValue: rawValue)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

private struct IdentifierKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// What the identifiers in the tables stand for, for people.
public struct IdentifierLegend: Hashable, Sendable, Codable {
    /// The policies that a policy set is made of. In JSON each is its `policyText`.
    public struct PolicySet: Hashable, Sendable, Codable {
        /// In the order in which tiers are asked; empty if no policy selects the pod.
        public var policies: [ObjectReference]
        /// Guards do not apply.
        public var exempt: Bool

        public init(policies: [ObjectReference], exempt: Bool) {
            self.policies = policies
            self.exempt = exempt
        }

        private enum CodingKeys: CodingKey {
            case policies, exempt
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            policies = try container.decode([String].self, forKey: .policies).map { text in
                guard let policy = ObjectReference(policyText: text) else {
                    throw DecodingError.dataCorruptedError(
                        forKey: .policies, in: container, debugDescription: "not a policy: \(text)")
                }
                return policy
            }
            exempt = try container.decode(Bool.self, forKey: .exempt)
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(policies.map(\.policyText), forKey: .policies)
            try container.encode(exempt, forKey: .exempt)
        }
    }

    public var causes: [CauseID: Cause]
    public var classes: [AddressClassID: [PeerIdentity]]
    public var policySets: [PolicySetID: PolicySet]
    /// The peers that a name of the class is among, each with all its domain names.
    public var nameClasses: [NameClassID: [[DomainPattern]]]

    public init(
        causes: [CauseID: Cause] = [:], classes: [AddressClassID: [PeerIdentity]] = [:],
        policySets: [PolicySetID: PolicySet] = [:], nameClasses: [NameClassID: [[DomainPattern]]] = [:]
    ) {
        self.causes = causes
        self.classes = classes
        self.policySets = policySets
        self.nameClasses = nameClasses
    }
}
