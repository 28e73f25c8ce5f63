import NIOPosix
import PolicyModel

/// Hands out access, and reads it where nobody else has to wait.
///
/// However many requests ask at once, one reads for all: a plugin runs once.
actor AccessStore {
    private var reader: AccessReader
    private var waiting: [UInt64: CheckedContinuation<Access, any Error>] = [:]
    private var lastTicket: UInt64 = 0
    private var isReading = false
    /// What was refused while a read was under way.
    private var refused: Access?

    init(_ configuration: ClusterConfiguration) {
        reader = AccessReader(configuration)
    }

    /// - Throws: `APIError` if it cannot be had, `CancellationError`.
    func current() async throws -> Access {
        if !isReading, let access = reader.fresh(at: .now, wallClock: Timestamp.now) { return access }
        lastTicket += 1
        let ticket = lastTicket
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                waiting[ticket] = continuation
                startReading()
            }
        } onCancel: {
            Task { await self.cancelWait(ticket) }
        }
    }

    /// The server refused it.
    func invalidate(_ access: Access) {
        if isReading {
            refused = access
        } else if reader.access == access {
            reader.invalidate()
        }
    }

    private func cancelWait(_ ticket: UInt64) {
        waiting.removeValue(forKey: ticket)?.resume(throwing: CancellationError())
    }

    private func startReading() {
        guard !isReading else { return }
        isReading = true
        let reader = reader
        Task {
            let result = await Self.read(reader)
            finish(result)
        }
    }

    private static func read(_ reader: AccessReader) async -> Result<AccessReader, any Error> {
        do {
            return .success(
                try await NIOThreadPool.singleton.runIfActive {
                    var reader = reader
                    try reader.read()
                    return reader
                })
        } catch {
            return .failure(error)
        }
    }

    private func finish(_ result: Result<AccessReader, any Error>) {
        isReading = false
        if case .success(let read) = result { reader = read }
        if let refused, reader.access == refused { reader.invalidate() }
        refused = nil
        let answer = result.flatMap { reader in
            reader.access.map { .success($0) } ?? .failure(APIError(.credentials, message: "no access was read"))
        }
        let waiting = waiting
        self.waiting = [:]
        for continuation in waiting.values { continuation.resume(with: answer) }
    }
}
