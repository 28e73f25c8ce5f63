import PolicyModel

/// Goes through a message from its beginning.
struct DNSReader {
    static let internet: UInt16 = 1
    static let a: UInt16 = 1
    static let aaaa: UInt16 = 28
    private static let longestName = 254
    private static let longestLabel = 63
    private static let mostLabels = 128
    private static let cname: UInt16 = 5
    /// Bytes and pointers of a compressed name that are followed.
    private static let mostNameSteps = 272
    private static let mostAliases = 8

    private let bytes: [UInt8]
    private var position = 0
    /// Where the chain of CNAMEs has come to, in the form of `compressedName`; nil if nowhere.
    private var chain: [UInt8]?
    /// The names behind the question's that it led to.
    private(set) var aliases: [String?] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    struct Header {
        var id: UInt16
        var isTruncated: Bool
        /// RCODE; 0 where nothing went wrong.
        var code: UInt8
        var answers: Int
    }

    mutating func header() throws(DNSError) -> Header {
        guard bytes.count >= 12 else { throw .notAnAnswer }
        let (flags, code) = (bytes[2], bytes[3])
        guard flags & 0x80 != 0, flags & 0x78 == 0, number(at: 4) == 1 else { throw .notAnAnswer }
        position = 12
        return Header(id: number(at: 0), isTruncated: flags & 0x02 != 0, code: code & 0x0f, answers: Int(number(at: 6)))
    }

    /// A name that is not compressed, as it is in a question.
    mutating func questionName() throws(DNSError) -> String {
        let start = position
        var text: [UInt8] = []
        while true {
            guard position < bytes.count, position - start <= Self.longestName else { throw .notAnAnswer }
            let length = Int(bytes[position])
            position += 1
            if length == 0 { break }
            guard length <= Self.longestLabel, position + length <= bytes.count else { throw .notAnAnswer }
            if !text.isEmpty { text.append(UInt8(ascii: ".")) }
            for byte in bytes[position..<position + length] {
                guard let byte = Self.nameByte(byte) else { throw .notAnAnswer }
                text.append(byte)
            }
            position += length
        }
        guard !text.isEmpty else { throw .notAnAnswer }
        chain = compressedName(at: start)
        return String(decoding: text, as: UTF8.self)
    }

    mutating func question() throws(DNSError) -> (type: UInt16, class: UInt16) {
        guard position + 4 <= bytes.count else { throw .notAnAnswer }
        defer { position += 4 }
        return (number(at: position), number(at: position + 2))
    }

    /// - Returns: nil for a record that is no address.
    mutating func record() throws(DNSError) -> DNSAnswer.Address? {
        let owner = position
        try skipName()
        guard position + 10 <= bytes.count else { throw .cutShort }
        let type = number(at: position)
        let recordClass = number(at: position + 2)
        let ttl = UInt32(number(at: position + 4)) << 16 | UInt32(number(at: position + 6))
        let length = Int(number(at: position + 8))
        position += 10
        guard position + length <= bytes.count else { throw .cutShort }
        defer { position += length }
        let data = bytes[position..<position + length]
        guard recordClass == Self.internet else { return nil }
        let address: IPAddress
        switch (type, length) {
        case (Self.a, 4): address = IPAddress(ipv4: data.reduce(0) { $0 << 8 | UInt32($1) })
        case (Self.aaaa, 16):
            address = IPAddress(
                high: data.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                low: data.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
        case (Self.cname, _):
            if isChained(owner) { follow(position) }
            return nil
        default: return nil
        }
        // RFC 2181, section 8: with its first bit set it is zero.
        return DNSAnswer.Address(
            address, ttl: ttl >> 31 == 1 ? 0 : ttl, aliases: !aliases.isEmpty && isChained(owner) ? aliases.count : 0)
    }

    // MARK: Chains of CNAMEs

    private func isChained(_ owner: Int) -> Bool { chain.map { $0 == compressedName(at: owner) } ?? false }

    private mutating func follow(_ target: Int) {
        chain = compressedName(at: target)
        guard let chain, aliases.count < Self.mostAliases else { return }
        aliases.append(Self.text(chain))
    }

    /// A name that may be compressed (RFC 1035, section 4.1.4), in lower case: lengths and letters, without the
    /// root's byte. Nil if there is none, or the root's own.
    private func compressedName(at start: Int) -> [UInt8]? {
        var (name, place, left): ([UInt8], Int, Int) = ([], start, 0)
        for _ in 0..<Self.mostNameSteps {
            guard place < bytes.count else { return nil }
            let byte = bytes[place]
            place += 1
            if left > 0 {
                left -= 1
            } else if byte == 0 {
                return name.isEmpty ? nil : name
            } else if byte >= 0xc0 {
                guard place < bytes.count else { return nil }
                place = Int(byte & 0x3f) << 8 | Int(bytes[place])
                continue
            } else {
                guard byte <= Self.longestLabel else { return nil }
                left = Int(byte)
                guard name.count < Self.longestName else { return nil }
                name.append(byte)
                continue
            }
            guard name.count < Self.longestName else { return nil }
            name.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte)
        }
        return nil
    }

    /// Nil for a name with bytes that no host's name has.
    private static func text(_ name: [UInt8]) -> String? {
        var text: [UInt8] = []
        var place = 0
        while place < name.count {
            let end = place + 1 + Int(name[place])
            if place > 0 { text.append(UInt8(ascii: ".")) }
            for byte in name[place + 1..<end] {
                guard let byte = nameByte(byte) else { return nil }
                text.append(byte)
            }
            place = end
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func skipName() throws(DNSError) {
        for _ in 0..<Self.mostLabels {
            guard position < bytes.count else { throw .cutShort }
            let length = Int(bytes[position])
            switch length {
            case 0:
                position += 1
                return
            case 0xc0...:
                position += 2
                return
            case ...Self.longestLabel: position += 1 + length
            default: throw .cutShort
            }
        }
        throw .cutShort
    }

    private func number(at index: Int) -> UInt16 { UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]) }

    /// In lower case; nil for what stands in no host's name.
    private static func nameByte(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            byte
        default: nil
        }
    }
}
