public import PolicyModel

/// An address and a port; on the wire as the text `address port`.
public struct Endpoint: Hashable, Sendable {
    public var address: IPAddress
    public var port: UInt16

    public init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    /// - Precondition: `address` is an address's text.
    public init(_ address: String, _ port: UInt16) {
        guard let parsed = IPAddress(address) else { preconditionFailure("no address: \(address)") }
        self.init(parsed, port)
    }
}

extension Endpoint: CustomStringConvertible {
    public var description: String { "\(address) \(port)" }
}

extension Endpoint: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        let parts = text.split(separator: " ")
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let port = UInt16(parts[1])
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no endpoint: \(text)"))
        }
        self.init(address, port)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
