public import PolicyModel

/// What a resolver's answer to a question for addresses says (RFC 1035).
///
/// It is read as bpf/src/message.h reads it, which tests compare: the question's name
/// of letters, digits, hyphens and underscores; every A and AAAA record among the
/// answers, whatever its owner, as a chain of CNAMEs leads there; all of it, or none.
public struct DNSAnswer: Hashable, Sendable {
    public struct Address: Hashable, Sendable {
        public var address: IPAddress
        /// Seconds.
        public var ttl: UInt32

        public init(_ address: IPAddress, ttl: UInt32) {
            self.address = address
            self.ttl = ttl
        }
    }

    /// In lower case, without a final dot.
    public var name: String
    public var addresses: [Address]
    /// The resolver has more to say, and wants to be asked by TCP.
    public var isTruncated: Bool

    public init(name: String, addresses: [Address], isTruncated: Bool = false) {
        self.name = name
        self.addresses = addresses
        self.isTruncated = isTruncated
    }

    /// - Parameter message: from the header on; over TCP, without its length.
    public init(_ message: some RandomAccessCollection<UInt8>) throws(DNSError) {
        var reader = DNSReader(Array(message))
        let header = try reader.header()
        let name = try reader.questionName()
        let question = try reader.question()
        guard question.class == DNSReader.internet else { throw .notAnAnswer }
        self.init(name: name, addresses: [], isTruncated: header.isTruncated)
        guard header.code == 0, question.type == DNSReader.a || question.type == DNSReader.aaaa else { return }
        for _ in 0..<header.answers {
            if let address = try reader.record() { addresses.append(address) }
        }
    }
}

public enum DNSError: Error, Hashable {
    /// A query, or more or fewer questions than one, or a name that is none.
    case notAnAnswer
    /// A record goes past the end.
    case cutShort
}
