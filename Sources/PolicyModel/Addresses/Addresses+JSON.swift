/// Addresses, prefixes, domain names and the names of objects in JSON are text.
extension IPAddress: Codable {
    public init(from decoder: any Decoder) throws {
        self = try Self.read(from: decoder, "an IP address")
    }

    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }
}

extension Prefix: Codable {
    public init(from decoder: any Decoder) throws {
        self = try Self.read(from: decoder, "a CIDR block")
    }

    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }
}

extension DomainName: Codable {
    public init(from decoder: any Decoder) throws {
        self = try Self.read(from: decoder, "a domain name")
    }

    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }
}

extension DomainPattern: Codable {
    public init(from decoder: any Decoder) throws {
        self = try Self.read(from: decoder, "a domain name, or *. and one")
    }

    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }
}

extension AddressPort: Codable {
    public init(from decoder: any Decoder) throws {
        self = try Self.read(from: decoder, "an address and a port")
    }

    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }
}

extension NamespacedName: Codable {
    public init(from decoder: any Decoder) throws {
        self = try Self.read(from: decoder, "a namespace and a name")
    }

    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }
}

extension ObjectReference: Codable {
    public init(from decoder: any Decoder) throws {
        self = try Self.read(from: decoder, "a kind and a name")
    }

    public func encode(to encoder: any Encoder) throws { try write(to: encoder) }
}

extension LosslessStringConvertible {
    fileprivate static func read(from decoder: any Decoder, _ what: String) throws -> Self {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not \(what): \(text)"))
        }
        return value
    }

    fileprivate func write(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
