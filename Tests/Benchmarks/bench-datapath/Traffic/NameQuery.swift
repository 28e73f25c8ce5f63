/// What the measured pod asks a resolver, and what that says (RFC 1035, section 4).
enum NameQuery {
    static let domain = "names.example.com"
    /// So many names are asked for in turn.
    private static let names = 1000

    /// A question for a name's IPv4 addresses; its number is the name's.
    static func bytes(_ number: Int) -> [UInt8] {
        let name = number % names
        let id = [UInt8(name >> 8), UInt8(name & 0xff)]
        let labels = "n\(name).\(domain)".utf8.split(separator: UInt8(ascii: "."))
        return id + [0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0] + labels.flatMap { [UInt8($0.count)] + $0 } + [0, 0, 1, 0, 1]
    }

    /// One address for five minutes, of 203.0.0.0/22, another for each name.
    static func answer(to query: [UInt8]) -> [UInt8] {
        var answer = query
        answer[2] = 0x81  // a response, recursion desired
        answer[3] = 0x80  // recursion available
        answer[7] = 1  // one answer
        return answer + [0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 203, 0, query[0], query[1]]
    }
}
