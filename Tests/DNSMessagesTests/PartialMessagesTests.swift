import DNSMessages
import Testing

@Suite struct PartialMessagesTests {
    private func piece(
        _ bytes: [UInt8], at offset: Int, of total: Int, socket: UInt64 = 1, message: UInt32 = 0
    ) -> MessagePiece {
        MessagePiece(socket: socket, message: message, total: total, offset: offset, bytes: bytes)
    }

    @Test("messages come out whole, however they are cut")
    func anyCut() {
        let message = (0...200).map { UInt8($0) }
        for size in 1...message.count {
            var partials = PartialMessages<Int>()
            var found: [[UInt8]] = []
            for start in stride(from: 0, to: message.count, by: size) {
                let bytes = Array(message[start..<min(start + size, message.count)])
                if let whole = partials.append(piece(bytes, at: start, of: message.count), of: 1, at: 1) {
                    found.append(whole)
                }
            }
            #expect(found == [message] && partials.count == 0, "pieces of \(size)")
        }
    }

    @Test("B1: a message whose beginning or whose middle did not come is never given out")
    func gaps() {
        var partials = PartialMessages<Int>()
        // What an agent hears that starts in the middle of it.
        #expect(partials.append(piece([3, 4], at: 2, of: 4), of: 1, at: 1) == nil)
        // A piece that was lost.
        #expect(partials.append(piece([1, 2], at: 0, of: 6), of: 1, at: 2) == nil)
        #expect(partials.append(piece([5, 6], at: 4, of: 6), of: 1, at: 3) == nil)
        #expect(partials.append(piece([3, 4], at: 2, of: 6), of: 1, at: 4) == nil)
        // A piece of another message, or of the same one with another length.
        #expect(partials.append(piece([1, 2], at: 0, of: 4), of: 1, at: 5) == nil)
        #expect(partials.append(piece([3, 4], at: 2, of: 4, message: 9), of: 1, at: 6) == nil)
        #expect(partials.append(piece([3, 4], at: 2, of: 4, socket: 2), of: 1, at: 7) == nil)
        #expect(partials.append(piece([3, 4], at: 2, of: 5), of: 1, at: 8) == nil)
        #expect(partials.count == 0)
        // From the beginning again.
        #expect(partials.append(piece([1, 2], at: 0, of: 4), of: 1, at: 9) == nil)
        #expect(partials.append(piece([1, 2], at: 0, of: 4), of: 1, at: 10) == nil)
        #expect(partials.append(piece([3, 4], at: 2, of: 4), of: 1, at: 11) == [1, 2, 3, 4])
    }

    @Test("B8: who has many messages under way puts out its own, and all are forgotten in time")
    func shares() {
        var partials = PartialMessages<Int>(mostOfOne: 16, lifetime: 1000)
        #expect(partials.append(piece([1], at: 0, of: 2, socket: 7), of: 1, at: 1) == nil)
        for socket in 0..<10_000 as Range<UInt64> {
            #expect(partials.append(piece([1], at: 0, of: 2, socket: socket), of: 2, at: 2) == nil)
        }
        #expect(partials.count == 17)
        #expect(partials.append(piece([2], at: 1, of: 2, socket: 7), of: 1, at: 3) == [1, 2])
        #expect(partials.append(piece([2], at: 1, of: 2, socket: 9999), of: 2, at: 3) == [1, 2])
        #expect(partials.append(piece([2], at: 1, of: 2, socket: 1), of: 2, at: 3) == nil)
        #expect(partials.append(piece([1], at: 0, of: 2, socket: 1), of: 3, at: 5000) == nil)
        #expect(partials.count == 1)
    }
}
