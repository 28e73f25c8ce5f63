import AgentAPI
package import Flows
import FoundationEssentials
import KernelDatapath
import NIOPosix
import PolicyModel
import Synchronization

/// What was denied and who changed what is enforced, as JSON lines to a file or
/// to standard output.
///
/// Those who note never wait: lines gather in memory, up to a limit, until they
/// are written. What finds no room is counted, and the log says so itself. Flows leave room for
/// changes, and each pod's for those of the others.
package final class AuditLog: Sendable {
    private struct Gathered {
        var bytes: [UInt8] = []
        var lost = 0
        var shares = FlowShares()
    }

    private static let limit = 4 << 20
    /// For flows; the rest is for what people and the agent do.
    private static let limitOfFlows = 3 << 20
    private static let pause = Duration.milliseconds(200)

    private let node: String
    private let file: AuditFile
    private let gathered = Mutex(Gathered())

    package init(node: String, file: AuditFile) {
        self.node = node
        self.file = file
    }

    /// Takes what is denied, what audit mode lets pass, and who passes a guard.
    package func record(_ flow: Flow) {
        switch flow.verdict {
        case .denied, .audit: break
        case .allowed where flow.guarded: break
        case .allowed, .held: return
        }
        guard gathered.withLock({ $0.shares.admit(flow) }) else { return }
        record(.flow(flow), at: flow.time, limit: Self.limitOfFlows)
    }

    package func record(_ event: AuditRecord.Event) {
        record(event, at: FlowTime(nanoseconds: KernelClock.wallClock(of: KernelClock.now())))
    }

    private func record(_ event: AuditRecord.Event, at time: FlowTime, limit: Int = AuditLog.limit) {
        guard let line = line(AuditRecord(time: time, node: node, event)) else { return }
        gathered.withLock { gathered in
            if gathered.bytes.count + line.count > limit {
                gathered.lost += 1
            } else {
                gathered.bytes += line
            }
        }
    }

    private func line(_ record: AuditRecord) -> [UInt8]? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try? encoder.encode(record) + [UInt8(ascii: "\n")]
    }

    /// Writes until the task is cancelled; `close` writes what is left then.
    ///
    /// - Parameter report: hears what keeps it from writing, and nil when it
    ///   writes again; what could not be written is tried again.
    package func run(report: @escaping @Sendable (String?) async -> Void) async {
        repeat {
            do {
                try await NIOThreadPool.singleton.runIfActive { try self.flush() }
                await report(nil)
            } catch {
                await report("\(file.path) cannot be written: \(error)")
            }
        } while (try? await Task.sleep(for: Self.pause)) != nil
    }

    /// Notes that the agent ends, and writes everything.
    package func close() throws {
        record(.agent(.init(action: .stopped, detail: "enforcement stays in place")))
        try flush()
    }

    /// Writes what has gathered.
    ///
    /// - Parameter now: ends the minute in which each pod has its share.
    package func flush(at now: ContinuousClock.Instant = .now) throws {
        for text in gathered.withLock({ $0.shares.end(at: now) }) { record(.agent(.init(action: .lost, detail: text))) }
        let (bytes, lost) = gathered.withLock { gathered in
            defer { (gathered.bytes, gathered.lost) = ([], 0) }
            return (gathered.bytes, gathered.lost)
        }
        guard !bytes.isEmpty || lost > 0 else { return }
        do {
            try file.write(bytes)
        } catch {
            gathered.withLock { gathered in
                gathered.bytes = bytes + gathered.bytes
                gathered.lost += lost
            }
            throw error
        }
        if lost > 0 { record(.agent(.init(action: .lost, detail: "\(lost) records found no room in memory"))) }
    }
}
