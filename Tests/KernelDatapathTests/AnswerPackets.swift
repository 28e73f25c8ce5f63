/// Answers as resolvers send them, and what can go wrong with them.
struct AnswerPackets {
    var random: Seeded

    init(seed: UInt64) { random = Seeded(seed) }

    /// Ethernet, IPv4 and UDP headers before a message.
    static func framed(_ message: [UInt8]) -> [UInt8] {
        func two(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xff), UInt8(number & 0xff)] }
        let udp = two(53) + two(40_000) + two(8 + message.count) + [0, 0]
        let ip: [UInt8] =
            [0x45, 0] + two(20 + udp.count + message.count) + [0, 0, 0, 0, 64, 17, 0, 0, 10, 96, 0, 10, 10, 0, 0, 5]
        return [UInt8](repeating: 2, count: 12) + [0x08, 0x00] + ip + udp + message
    }

    static func wire(_ name: String) -> [UInt8] {
        name.utf8.split(separator: UInt8(ascii: ".")).flatMap { [UInt8($0.count)] + $0 } + [0]
    }

    static func two(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xff), UInt8(number & 0xff)] }
    static func four(_ number: UInt32) -> [UInt8] { two(Int(number >> 16)) + two(Int(number & 0xffff)) }

    /// One record; by default its owner is the question's name.
    static func record(owner: [UInt8] = [0xc0, 12], type: Int, ttl: UInt32 = 300, _ data: [UInt8]) -> [UInt8] {
        owner + two(type) + two(1) + four(ttl) + two(data.count) + data
    }

    static func message(
        _ name: String, type: Int = 1, flags: [UInt8] = [0x81, 0x80], questions: Int = 1, count: Int? = nil,
        additional: Int = 0, _ records: [[UInt8]], tail: [UInt8] = []
    ) -> [UInt8] {
        [0x12, 0x34] + flags + two(questions) + two(count ?? records.count) + two(0) + two(additional)
            + wire(name) + two(type) + two(1) + records.flatMap { $0 } + tail
    }

    /// EDNS(0): the OPT record of RFC 6891.
    static let options: [UInt8] = [0] + two(41) + two(1232) + four(0) + two(0)

    /// A sound answer, most of the time.
    mutating func next() -> [UInt8] {
        let labels = Int.random(in: 1...5, using: &random)
        let name = (0..<labels).map { _ in label() }.joined(separator: ".")
        let ipv6 = Bool.random(using: &random)
        var records: [[UInt8]] = []
        // Where the chain has come to: most owners continue it.
        var (end, place) = (name, 12)
        var size = 12 + Self.wire(name).count + 4
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let owner = chained(end, place)
            // Some end in a pointer to what the question's name ends in.
            let target = "alias.\(label()).net"
            let data =
                Bool.random(using: &random) ? Self.wire(target) : Array(Self.wire("alias").dropLast()) + [0xc0, 12]
            records.append(Self.record(owner: owner, type: 5, data))
            (end, place) = (data.last == 12 ? "alias.\(name)" : target, size + owner.count + 10)
            size += records[records.count - 1].count
        }
        for _ in 0..<Int.random(in: 0...6, using: &random) { records.append(address(ipv6, owner: chained(end, place))) }
        let edns = Bool.random(using: &random)
        return Self.message(
            name, type: ipv6 ? 28 : 1, additional: edns ? 1 : 0, records, tail: edns ? Self.options : [])
    }

    /// The same with up to four things wrong.
    mutating func mutated() -> [UInt8] {
        var message = next()
        for _ in 0..<Int.random(in: 0...4, using: &random) where !message.isEmpty {
            let place = Int.random(in: 0..<message.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: message[place] = UInt8.random(in: 0...255, using: &random)
            case 1: message[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: message.removeLast(message.count - place)
            case 3: message.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 4: message.remove(at: place)
            default: message[min(place, 11)] = UInt8.random(in: 0...40, using: &random)
            }
        }
        return message
    }

    private mutating func label() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
        return String((0..<Int.random(in: 1...12, using: &random)).map { _ in letters.randomElement(using: &random)! })
    }

    /// An owner: a name, a pointer to where it stands, or another name.
    private mutating func chained(_ name: String, _ place: Int) -> [UInt8] {
        switch Int.random(in: 0..<5, using: &random) {
        case 0, 1: Self.wire(name)
        case 2: [3, 119, 119, 119, 0xc0, 12]
        case 3: [0xc0, 12]
        default: [0xc0 | UInt8(place >> 8 & 0x3f), UInt8(place & 0xff)]
        }
    }

    private mutating func address(_ ipv6: Bool, owner: [UInt8]) -> [UInt8] {
        let data = (0..<(ipv6 ? 16 : 4)).map { _ in UInt8.random(in: 0...255, using: &random) }
        let ttls: [UInt32] = [0, 30, 300, 604_800, 0x8000_0000, 0xffff_ffff]
        return Self.record(owner: owner, type: ipv6 ? 28 : 1, ttl: ttls.randomElement(using: &random)!, data)
    }
}
