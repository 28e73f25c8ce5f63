import FoundationEssentials
package import Flows
package import NIOCore
import Synchronization

/// Answers as bytes. A flow is encoded once, however many clients want it.
package final class FlowLines: Sendable {
    private struct Recent {
        var number: UInt64
        var line: ByteBuffer
    }

    /// By the flow's number, each in place of one so many before it. Clients that
    /// keep up are within a page of each other.
    private let recent: Mutex<[Recent?]>

    package init(remembering count: Int = 256) {
        recent = Mutex(Array(repeating: nil, count: count))
    }

    package func line(_ number: UInt64, _ flow: Flow) -> ByteBuffer {
        recent.withLock { recent in
            let place = Int(number % UInt64(recent.count))
            if let known = recent[place], known.number == number { return known.line }
            let line = Self.line(.flow(flow))
            recent[place] = Recent(number: number, line: line)
            return line
        }
    }

    /// Forgets all, when nobody is left who might ask.
    func clear() { recent.withLock { $0 = Array(repeating: nil, count: $0.count) } }

    package static func line(_ answer: FlowAnswer) -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        // Every value of it can be written.
        let bytes = (try? encoder.encode(answer)) ?? Data()
        var buffer = ByteBuffer()
        buffer.reserveCapacity(bytes.count + 1)
        buffer.writeBytes(bytes)
        buffer.writeInteger(UInt8(ascii: "\n"))
        return buffer
    }
}
