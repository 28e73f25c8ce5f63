public import PolicyModel

/// What a resolver's answer to a question for addresses says (RFC 1035).
///
/// It is read as bpf/src/dns_parse.h reads it, which tests compare: the question's name
/// of letters, digits, hyphens and underscores; every A and AAAA record among the
/// answers, whatever its owner; the names that CNAMEs lead to from the question's on,
/// one after the other; all of it, or none.
public struct DNSAnswer: Hashable, Sendable {
    public struct Address: Hashable, Sendable {
        public var address: IPAddress
        /// Seconds.
        public var ttl: UInt32
        /// How many of the answer's aliases it is an address of: its owner is the last of them.
        public var aliases: Int

        public init(_ address: IPAddress, ttl: UInt32, aliases: Int = 0) {
            self.address = address
            self.ttl = ttl
            self.aliases = aliases
        }
    }

    /// In lower case, without a final dot.
    public var name: String
    public var addresses: [Address]
    /// The names that CNAMEs led to, the first eight; nil for one with other bytes than names of hosts.
    public var aliases: [String?]
    /// The resolver has more to say, and wants to be asked by TCP.
    public var isTruncated: Bool

    public init(name: String, addresses: [Address], aliases: [String?] = [], isTruncated: Bool = false) {
        self.name = name
        self.aliases = aliases
        self.addresses = addresses
        self.isTruncated = isTruncated
    }

    /// Every name with the addresses that it stands for, the question's first.
    public var names: [(name: String, addresses: [Address])] {
        let behind = aliases.enumerated().compactMap { place, alias in
            alias.map { alias in (name: alias, addresses: addresses.filter { $0.aliases > place }) }
        }
        return [(name, addresses)] + behind.filter { !$0.addresses.isEmpty }
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
        aliases = reader.aliases
    }
}

public enum DNSError: Error, Hashable {
    /// A query, or more or fewer questions than one, or a name that is none.
    case notAnAnswer
    /// A record goes past the end.
    case cutShort
}
