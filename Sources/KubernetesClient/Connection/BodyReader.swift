import AsyncHTTPClient
import NIOCore

/// Reads an answer's body piece by piece, each within the time allowed.
///
/// Nothing is read ahead of the reader but what the HTTP client's own small
/// buffer holds: where nobody reads, the server's sends wait. The connection is
/// closed when this object goes before the body has ended.
final class BodyReader: Sendable {
    private let lease: ClientPool.Lease
    private let silence: Duration
    /// Used by one call of `next` at a time, as async iterators are.
    private nonisolated(unsafe) var iterator: HTTPClientResponse.Body.AsyncIterator

    init(_ body: HTTPClientResponse.Body, lease: ClientPool.Lease, silence: Duration) {
        iterator = body.makeAsyncIterator()
        self.lease = lease
        self.silence = silence
    }

    /// - Throws: `APIError`, or `CancellationError` if the task is cancelled.
    func next() async throws -> [UInt8]? {
        do {
            return try await Deadline.limit(silence) {
                while let buffer = try await self.iterator.next() {
                    if buffer.readableBytes > 0 { return Array(buffer.readableBytesView) }
                }
                return nil
            }
        } catch {
            try Task.checkCancellation()
            if error is Deadline.Passed {
                throw APIError(.timedOut, message: "the API server was silent for \(silence) within its answer")
            }
            throw TransportFailure.withinAnswer(error)
        }
    }

    /// For whoever reads an answer of status 2xx.
    func stream(of request: String) -> APIResponse.Body {
        AsyncThrowingStream {
            do {
                return try await self.next()
            } catch var error as APIError {
                error.request = request
                throw error
            }
        }
    }

    /// The body's beginning, for messages; empty if it cannot be had.
    func beginning(limit: Int, within duration: Duration) async throws -> [UInt8] {
        do {
            return try await Deadline.limit(duration) {
                var bytes: [UInt8] = []
                while bytes.count < limit, let piece = try await self.next() {
                    bytes += piece.prefix(limit - bytes.count)
                }
                return bytes
            }
        } catch {
            try Task.checkCancellation()
            return []
        }
    }
}
