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

    private struct State {
        var streams: [UInt64: DNSStream] = [:]
        var lifetime: NodeSettings.NameLifetime
    }

    private let state: Mutex<State>
    private let note: Note
    private let uncovered: @Sendable (String, ResolverMessage) -> Void

    /// - Parameter uncovered: told of a name that none of the pod's rules covers.
    package init(
        lifetime: NodeSettings.NameLifetime, note: @escaping Note,
        uncovered: @escaping @Sendable (String, ResolverMessage) -> Void
    ) {
        state = Mutex(State(lifetime: lifetime))
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
        state.withLock { state in
            // Connections do not say when they end; few are long.
            if state.streams.count >= Self.mostStreams && state.streams[socket] == nil {
                state.streams.removeAll(keepingCapacity: true)
            }
            return state.streams[socket, default: DNSStream()].take(bytes, sequence: sequence)
        }
    }

    private func read(_ bytes: [UInt8], _ message: ResolverMessage) {
        guard let answer = try? DNSAnswer(bytes) else { return }
        let lifetime = state.withLock(\.lifetime)
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
