import DNSMessages
package import KernelDatapath
package import PolicyModel
import Synchronization
package import VerdictTables

/// Reads the answers that the programs leave to the agent: those over TCP, and those with
/// more records than they follow.
///
/// Called on the reader's thread. What it notes counts from then on, a moment after the pod
/// has the answer itself.
package final class AnswerDesk: Sendable {
    /// Whoever remembers: the kernel's maps.
    package typealias Note = @Sendable (LearnedName, IPAddress, ResolverMessage) -> Void

    /// Connections to resolvers that are followed at a time.
    private static let mostStreams = 1024

    /// By the socket's cookie.
    private let streams = Mutex<[UInt64: DNSStream]>([:])
    private let lifetime: NodeSettings.NameLifetime
    private let note: Note
    private let uncovered: @Sendable (String, ResolverMessage) -> Void

    /// - Parameter uncovered: told of a name that none of the pod's rules covers.
    package init(
        lifetime: NodeSettings.NameLifetime, note: @escaping Note,
        uncovered: @escaping @Sendable (String, ResolverMessage) -> Void
    ) {
        self.lifetime = lifetime
        self.note = note
        self.uncovered = uncovered
    }

    package func receive(_ message: ResolverMessage) {
        switch message.content {
        case .uncovered(let name): uncovered(name, message)
        case .datagram(let bytes): read(bytes, message)
        case .segment(let bytes, let sequence):
            for answer in take(bytes, sequence, of: message.socket) { read(answer, message) }
        }
    }

    private func take(_ bytes: [UInt8], _ sequence: UInt32, of socket: UInt64) -> [[UInt8]] {
        streams.withLock { streams in
            // Connections do not say when they end; few are long.
            if streams.count >= Self.mostStreams && streams[socket] == nil {
                streams.removeAll(keepingCapacity: true)
            }
            return streams[socket, default: DNSStream()].take(bytes, sequence: sequence)
        }
    }

    private func read(_ bytes: [UInt8], _ message: ResolverMessage) {
        guard let answer = try? DNSAnswer(bytes) else { return }
        for address in answer.addresses {
            let seconds = max(min(address.ttl, lifetime.ceiling), lifetime.floor)
            note(
                LearnedName(
                    name: answer.name, pod: message.pod, heard: message.time,
                    expires: message.time + UInt64(seconds) * 1_000_000_000),
                address.address, message)
        }
    }
}
