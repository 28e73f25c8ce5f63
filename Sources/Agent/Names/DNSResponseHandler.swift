package import DNSMessages
package import KernelDatapath
package import PolicyModel
import Synchronization
package import VerdictTables

/// Reads the answers that the programs leave to the agent: those that came over TCP in more than
/// one packet, and those with more records than they follow.
///
/// Called on the reader's thread. The programs keep the end of an answer over TCP from its pod
/// until the record that brought it here has been read.
package final class DNSResponseHandler: Sendable {
    /// Whoever remembers: the kernel's maps.
    package typealias Note = @Sendable (LearnedName, IPAddress, ResolverMessage) -> Void

    /// Answers that are not complete.
    private let partials = Mutex(PartialMessages<CgroupID>())
    private let lifetime: NodeSettings.NameLifetime
    private let asked: @Sendable (DNSQuestion, ResolverMessage) -> Bool
    private let note: Note
    private let uncovered: @Sendable (String, ResolverMessage) -> Void

    /// - Parameters:
    ///   - asked: whether the socket asked that; an answer counts once.
    ///   - uncovered: told of a name that none of the pod's rules covers.
    package init(
        lifetime: NodeSettings.NameLifetime, asked: @escaping @Sendable (DNSQuestion, ResolverMessage) -> Bool,
        note: @escaping Note,
        uncovered: @escaping @Sendable (String, ResolverMessage) -> Void
    ) {
        self.lifetime = lifetime
        self.asked = asked
        self.note = note
        self.uncovered = uncovered
    }

    package func receive(_ message: ResolverMessage) {
        switch message.content {
        case .uncovered(let name): uncovered(name, message)
        case .piece(let bytes, let place):
            let piece = MessagePiece(
                socket: message.socket, message: place.message, total: place.total, offset: place.offset, bytes: bytes)
            let answer = partials.withLock { $0.append(piece, of: message.pod, at: message.time) }
            if let answer { read(answer, message) }
        }
    }

    private func read(_ bytes: [UInt8], _ message: ResolverMessage) {
        guard let answer = try? DNSAnswer(bytes), let question = try? DNSQuestion(bytes), asked(question, message)
        else { return }
        for (name, addresses) in answer.names {
            for address in addresses {
                let seconds = max(min(address.ttl, lifetime.ceiling), lifetime.floor)
                note(
                    LearnedName(
                        name: name, pod: message.pod, heard: message.time,
                        expires: message.time + UInt64(seconds) * 1_000_000_000, isAlias: name != answer.name),
                    address.address, message)
            }
        }
    }
}
