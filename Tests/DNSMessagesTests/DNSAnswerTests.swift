import DNSMessages
import Testing

@Suite struct DNSStreamTests {
    private func framed(_ message: [UInt8]) -> [UInt8] { [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message }

    @Test("messages come out whole, however the stream is cut")
    func anyCut() {
        let messages: [[UInt8]] = [[1, 2, 3], [], Array(0...200)]
        let bytes = messages.flatMap(framed)
        for size in 1...bytes.count {
            var stream = DNSStream()
            var found: [[UInt8]] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                found += stream.take(
                    Array(bytes[start..<min(start + size, bytes.count)]), sequence: 0xffff_ff80 &+ UInt32(start))
            }
            #expect(found == messages, "pieces of \(size)")
        }
    }

    @Test("segments may overlap, come twice and come late")
    func disorder() {
        let bytes = framed(Array(0..<100))
        var stream = DNSStream()
        #expect(stream.take(Array(bytes[0..<10]), sequence: 1000) == [])
        #expect(stream.take(Array(bytes[50..<102]), sequence: 1050) == [])
        #expect(stream.take(Array(bytes[0..<30]), sequence: 1000) == [])
        #expect(stream.take(Array(bytes[20..<60]), sequence: 1020) == [Array(0..<100)])
    }

    @Test("what is waited for has a bound")
    func bound() {
        var stream = DNSStream()
        #expect(stream.take([0], sequence: 0) == [])
        for index in 0..<64 { #expect(stream.take(Array(repeating: 7, count: 4096), sequence: UInt32(10 + index * 5000)) == []) }
        // It was given up and begins anew.
        #expect(stream.take(framed([9]), sequence: 5_000_000) == [[9]])
    }
}
