import CSluice
import DNSMessages
import KernelDatapath
import PolicyModel
import Testing

/// The kernel's reader of DNS answers beside the one that is written in Swift.
@Suite struct AnswerTests {
    /// What the second reader makes of a message, in the kernel's words.
    private static func expected(_ message: [UInt8]) -> (outcome: sluice_reading, answer: DNSAnswer?) {
        do {
            let answer = try DNSAnswer(message)
            return (answer.isTruncated ? SLUICE_READ_TRUNCATED : SLUICE_READ, answer)
        } catch {
            return (SLUICE_READ_BROKEN, nil)
        }
    }

    /// The number of answers that the header speaks of is more than the program follows.
    private static func isTooLong(_ message: [UInt8]) -> Bool {
        message.count >= 12 && Int(message[6]) << 8 | Int(message[7]) > 256
    }

    /// - Returns: what differs, or nil.
    private func difference(_ message: [UInt8], _ program: AnswerProgram, _ number: UInt64) throws -> String? {
        let result = try program.read(AnswerPackets.framed(message), in: number)
        let (outcome, answer) = Self.expected(message)
        if Self.isTooLong(message) {
            let allowed = [
                SLUICE_READ_COPIED, SLUICE_READ_LOST, SLUICE_READ_BROKEN, SLUICE_READ_TRUNCATED, SLUICE_READ,
            ]
            return result.found == 0 && allowed.contains { $0.rawValue == result.outcome }
                ? nil : "\(result) for a message that is too long"
        }
        guard result.outcome == outcome.rawValue else { return "\(result), expected \(outcome)" }
        guard let answer else { return nil }
        guard Int(result.found) == answer.addresses.count else {
            return "\(result.found) addresses, expected \(answer.addresses.count)"
        }
        guard Int(result.aliases) == answer.aliases.count,
            result.hashes == AnswerProgram.sum(answer.aliases.map { $0.map(NameBytes.hash) ?? 0 })
        else { return "\(result.aliases) names behind it, expected \(answer.aliases)" }
        guard result.aliased == AnswerProgram.sum(answer.addresses.map { UInt64($0.aliases) }) else {
            return "other addresses have them than \(answer.addresses)"
        }
        for address in answer.addresses {
            let noted = program.name(of: address.address, in: number)
            guard noted?.text == answer.name else {
                return "\(address.address) is noted as \(noted?.text ?? "nothing"), expected \(answer.name)"
            }
        }
        return nil
    }

    @Test("a million broken and sound answers are read as the second reader reads them")
    func bothReadersAgree() throws {
        let program = try AnswerProgram()
        var packets = AnswerPackets(seed: 20_261_121)
        var sound = 0
        for number in 1...1_000_000 as ClosedRange<UInt64> {
            let message = packets.mutated()
            if let difference = try difference(message, program, number) {
                Issue.record("packet \(number): \(difference); \(message)")
                return
            }
            if case .some = Self.expected(message).answer { sound += 1 }
        }
        // Mutations must leave enough to read.
        #expect(sound > 100_000 && sound < 900_000, "\(sound) sound answers")
    }

    @Test("chains, 200 addresses, plain owners, EDNS and mixed case are read")
    func whatResolversSend() throws {
        let program = try AnswerProgram()
        let chain = (0..<8).map { AnswerPackets.record(type: 5, AnswerPackets.wire("c\($0).example.net")) }
        let many = (0..<200).map { AnswerPackets.record(type: 1, [192, 0, 2, UInt8($0)]) }
        let messages = [
            AnswerPackets.message("www.example.com", chain + [AnswerPackets.record(type: 1, [192, 0, 2, 1])]),
            AnswerPackets.message("www.example.com", many),
            AnswerPackets.message(
                "wWw.ExAmple.COM", type: 28, additional: 1,
                [AnswerPackets.record(owner: AnswerPackets.wire("www.example.com"), type: 28, Array(1...16))],
                tail: AnswerPackets.options),
        ]
        for (number, message) in messages.enumerated() {
            #expect(try difference(message, program, UInt64(number)) == nil)
        }
        #expect(program.name(of: IPAddress(ipv4: 0xc000_0201), in: 0)?.text == "www.example.com")
    }

    @Test("B2: the chain of CNAMEs is followed from the question on, and what does not belong to it says nothing")
    func chainsOfNames() throws {
        let program = try AnswerProgram()
        func cname(_ owner: String, _ target: String) -> [UInt8] {
            AnswerPackets.record(owner: AnswerPackets.wire(owner), type: 5, AnswerPackets.wire(target))
        }
        func address(_ owner: String, _ last: UInt8) -> [UInt8] {
            AnswerPackets.record(owner: AnswerPackets.wire(owner), type: 1, [192, 0, 2, last])
        }
        let long = (0..<10).map { cname($0 == 0 ? "q.example" : "c\($0).example", "C\($0 + 1).example") }
        let cases: [(records: [[UInt8]], names: [String: [UInt8]])] = [
            (
                [cname("q.example", "a.example"), cname("a.example", "b.example"), address("b.example", 1)],
                ["q.example": [1], "a.example": [1], "b.example": [1]]
            ),
            // A record beside the chain, an address of another name, a chain in the wrong order.
            (
                [
                    cname("q.example", "a.example"), cname("x.example", "api.example"), address("a.example", 1),
                    address("api.example", 2),
                ],
                ["q.example": [1, 2], "a.example": [1]]
            ),
            (
                [cname("a.example", "b.example"), cname("q.example", "a.example"), address("b.example", 1)],
                ["q.example": [1]]
            ),
            // A loop, the root, a name of strange bytes.
            ([cname("q.example", "q.example"), address("q.example", 1)], ["q.example": [1]]),
            ([AnswerPackets.record(type: 5, [0]), address("q.example", 1)], ["q.example": [1]]),
            (
                [cname("q.example", "a b.example"), cname("a b.example", "b.example"), address("b.example", 1)],
                ["q.example": [1], "b.example": [1]]
            ),
            // A pointer to itself, and one past the end.
            ([AnswerPackets.record(type: 5, [0xc0, 39]), address("q.example", 1)], ["q.example": [1]]),
            ([AnswerPackets.record(type: 5, [0xff, 0xff]), address("q.example", 1)], ["q.example": [1]]),
            // The first eight are noted; what is behind them is followed.
            (
                long + [address("c10.example", 1)],
                Dictionary(uniqueKeysWithValues: (["q.example"] + (1...8).map { "c\($0).example" }).map { ($0, [1]) })
            ),
        ]
        for (number, (records, names)) in cases.enumerated() {
            let message = AnswerPackets.message("q.example", records)
            #expect(try difference(message, program, UInt64(number)) == nil, "case \(number)")
            let read = try DNSAnswer(message).names.map { ($0.name, $0.addresses.map { UInt8($0.address.bytes[15]) }) }
            #expect(Dictionary(read) { $0 + $1 }.mapValues { Set($0).sorted() } == names, "case \(number)")
        }
    }

    @Test("what a truncated answer holds is read, unless that is more than the program follows")
    func truncated() throws {
        let program = try AnswerProgram()
        for (count, found) in [(1, 1), (200, 200), (257, 0)] as [(Int, UInt32)] {
            let records = (0..<min(count, 200)).map { AnswerPackets.record(type: 1, [192, 0, 2, UInt8($0)]) }
            var message = AnswerPackets.message("a.example", flags: [0x83, 0x80], records)
            message.replaceSubrange(6..<8, with: [UInt8(count >> 8), UInt8(count & 255)])
            let result = try program.read(AnswerPackets.framed(message), in: UInt64(count))
            #expect(result == .init(outcome: SLUICE_READ_TRUNCATED.rawValue, found: found))
            #expect(try difference(message, program, UInt64(count)) == nil)
        }
    }

    @Test("one more record than the program follows goes to the agent, and nothing is noted")
    func tooManyRecords() throws {
        let program = try AnswerProgram()
        // BPF_PROG_TEST_RUN takes less than a page, in which 257 records have no room.
        var message = AnswerPackets.message("a.example", [AnswerPackets.record(type: 1, [192, 0, 2, 1])])
        message.replaceSubrange(6..<8, with: [1, 1])
        let result = try program.read(AnswerPackets.framed(message), in: 1)
        #expect(result == .init(outcome: SLUICE_READ_COPIED.rawValue, found: 0))
        #expect(program.name(of: IPAddress(ipv4: 0xc000_0201), in: 1) == nil)
    }

    @Test("a record that is cut short spoils the whole answer")
    func allOrNothing() throws {
        let program = try AnswerProgram()
        let good = AnswerPackets.record(type: 1, [192, 0, 2, 1])
        var message = AnswerPackets.message("a.example", [good, good])
        message.removeLast()
        let result = try program.read(AnswerPackets.framed(message), in: 1)
        #expect(result.outcome == SLUICE_READ_BROKEN.rawValue)
        #expect(program.name(of: IPAddress(ipv4: 0xc000_0201), in: 1) == nil)
    }

    @Test(
        "a TTL counts between the floor and the ceiling",
        arguments: [(0, 60), (300, 300), (604_800, 3600), (0xffff_ffff, 60)] as [(UInt32, UInt64)])
    func lifetimes(_ ttl: UInt32, _ seconds: UInt64) throws {
        let program = try AnswerProgram()
        let message = AnswerPackets.message("a.example", [AnswerPackets.record(type: 1, ttl: ttl, [192, 0, 2, 1])])
        _ = try program.read(AnswerPackets.framed(message), in: 1)
        #expect(program.name(of: IPAddress(ipv4: 0xc000_0201), in: 1)?.lifetime == seconds * 1_000_000_000)
    }

    @Test("a dot within a label, and other bytes that no host's name has, make no name")
    func strangeNames() throws {
        let program = try AnswerProgram()
        for byte in [UInt8(ascii: "."), UInt8(ascii: " "), 0, 0x80, UInt8(ascii: "@"), UInt8(ascii: "[")] {
            var message = AnswerPackets.message("axb.example", [AnswerPackets.record(type: 1, [192, 0, 2, 1])])
            message[14] = byte
            #expect(try difference(message, program, 1) == nil)
            #expect(program.name(of: IPAddress(ipv4: 0xc000_0201), in: 1) == nil)
        }
    }
}
