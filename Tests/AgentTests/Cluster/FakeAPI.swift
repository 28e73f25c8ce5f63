import FoundationEssentials
import KubernetesClient
import Synchronization

/// An API server of one's own: answers as told, and keeps what was asked.
final class FakeAPI: APITransport {
    enum Answer: Sendable {
        case ok(String)
        case error(APIError)
        /// None, until the asking task is cancelled.
        case never

        static func status(_ code: Int, _ message: String = "", retryAfter: Duration? = nil) -> Answer {
            .error(APIError(.status(code), message: message, retryAfter: retryAfter))
        }
    }

    private struct State {
        var requests: [APIRequest] = []
        var answer: @Sendable (APIRequest) -> Answer
    }

    private let state: Mutex<State>

    init(_ answer: @escaping @Sendable (APIRequest) -> Answer = { _ in .ok("{}") }) {
        state = Mutex(State(answer: answer))
    }

    var requests: [APIRequest] { state.withLock { $0.requests } }

    func answer(_ new: @escaping @Sendable (APIRequest) -> Answer) { state.withLock { $0.answer = new } }

    func send(_ request: APIRequest) async throws -> APIResponse {
        let answer = state.withLock { state in
            state.requests.append(request)
            return state.answer
        }
        switch answer(request) {
        case .ok(let text):
            return APIResponse(
                body: AsyncThrowingStream { continuation in
                    continuation.yield(Array(text.utf8))
                    continuation.finish()
                })
        case .error(let error): throw error
        case .never:
            try await Task.sleep(for: .seconds(100_000))
            throw CancellationError()
        }
    }
}

extension APIRequest {
    var text: String { String(decoding: body?.bytes ?? [], as: UTF8.self) }

    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body?.bytes ?? []))
    }
}

/// What a reporter of troubles was told, in order.
final class Reports: Sendable {
    private let heard = Mutex<[String?]>([])
    var all: [String?] { heard.withLock { $0 } }
    var hear: @Sendable (String?) async -> Void {
        { [self] message in heard.withLock { $0.append(message) } }
    }
}

/// Runs something in the background while the body runs, and sees it end.
func alongside(
    _ background: @escaping @Sendable () async -> Void, _ body: () async throws -> Void
) async throws {
    let task = Task { await background() }
    do {
        try await body()
    } catch {
        task.cancel()
        await task.value
        throw error
    }
    task.cancel()
    await task.value
}
