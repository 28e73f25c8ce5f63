import PolicyModel

/// Goes through a message from its beginning.
struct DNSReader {
    static let internet: UInt16 = 1
    static let a: UInt16 = 1
    static let aaaa: UInt16 = 28
    private static let longestName = 254
    private static let longestLabel = 63
    private static let mostLabels = 128

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    struct Header {
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
        return Header(isTruncated: flags & 0x02 != 0, code: code & 0x0f, answers: Int(number(at: 6)))
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
        return String(decoding: text, as: UTF8.self)
    }

    mutating func question() throws(DNSError) -> (type: UInt16, class: UInt16) {
        guard position + 4 <= bytes.count else { throw .notAnAnswer }
        defer { position += 4 }
        return (number(at: position), number(at: position + 2))
    }

    /// - Returns: nil for a record that is no address.
    mutating func record() throws(DNSError) -> DNSAnswer.Address? {
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
        default: return nil
        }
        // RFC 2181, section 8: with its first bit set it is zero.
        return DNSAnswer.Address(address, ttl: ttl >> 31 == 1 ? 0 : ttl)
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
