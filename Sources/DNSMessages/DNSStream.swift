/// One direction of a DNS connection over TCP, put together from segments.
///
/// A message is preceded by its length (RFC 7766, section 8). Segments may come twice
/// and out of order; what lies too far ahead, or is too much, is dropped.
public struct DNSStream: Sendable {
    /// More than this waits for what comes before it: the stream is given up.
    static let mostWaiting = 256 << 10

    /// The sequence number of the next byte.
    private var next: UInt32?
    private var ready: [UInt8] = []
    private var waiting: [(sequence: UInt32, bytes: [UInt8])] = []

    public init() {}

    /// Takes a segment.
    ///
    /// The first one is taken for the stream's beginning: a connection to a resolver
    /// is seen from its first answer on.
    /// - Parameter sequence: of the first byte (RFC 9293), which wraps around.
    /// - Returns: the messages that are complete now.
    public mutating func take(_ bytes: [UInt8], sequence: UInt32) -> [[UInt8]] {
        if next == nil { next = sequence }
        waiting.append((sequence, bytes))
        while let index = waiting.firstIndex(where: { isDue($0.sequence) }) {
            let segment = waiting.remove(at: index)
            let known = Int(next! &- segment.sequence)
            guard known < segment.bytes.count else { continue }
            ready += segment.bytes[known...]
            next! &+= UInt32(segment.bytes.count - known)
        }
        if waiting.reduce(ready.count, { $0 + $1.bytes.count }) > Self.mostWaiting { self = DNSStream() }
        return takeMessages()
    }

    /// Whether it begins at or before the next byte.
    private func isDue(_ sequence: UInt32) -> Bool {
        guard let next else { return false }
        return next &- sequence < 1 << 31
    }

    private mutating func takeMessages() -> [[UInt8]] {
        var messages: [[UInt8]] = []
        while ready.count >= 2 {
            let length = Int(ready[0]) << 8 | Int(ready[1])
            guard ready.count >= 2 + length else { break }
            messages.append(Array(ready[2..<2 + length]))
            ready.removeFirst(2 + length)
        }
        return messages
    }
}
