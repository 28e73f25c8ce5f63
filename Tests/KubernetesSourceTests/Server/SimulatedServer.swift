import KubernetesClient
import PolicyModel
import Synchronization

/// An API server without a network: lists in pages, watches, and the faults of
/// both.
final class SimulatedServer: APITransport {
    struct Settings {
        /// How probable a fault is, for each answer and each piece of one.
        var faults = 0.0
        var ignoresLimit = false
        /// Answers in place of what there is, by path.
        var errors: [String: APIError] = [:]
        var isFrozen = false
        /// Paths that are never answered.
        var hangs: Set<String> = []
        /// Watches end at once, and tell nothing.
        var endsWatchesAtOnce = false
        /// What discovery says of API versions, by path.
        var discovery: [String: String] = [:]
    }

    struct Watch {
        var path: String
        var version: Int
        var continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation
    }

    struct State {
        var store = SimulatedStore()
        var settings = Settings()
        var random: SeededGenerator
        var requests: [APIRequest] = []
        var watches: [Int: Watch] = [:]
        var lists: [String: (version: Int, items: [String])] = [:]
        var next = 0
    }

    private let state: Mutex<State>

    init(seed: UInt64 = 1) { state = Mutex(State(random: SeededGenerator(seed: seed))) }

    var requests: [APIRequest] { state.withLock { $0.requests } }
    var openWatches: Int { state.withLock { $0.watches.count } }

    func configure(_ change: (inout Settings) -> Void) { state.withLock { change(&$0.settings) } }

    /// Changes the store and tells the watches.
    func update<Result: Sendable>(_ change: (inout SimulatedStore) -> Result) -> Result {
        state.withLock { state in
            let result = change(&state.store)
            for id in state.watches.keys.sorted() { state.advance(id) }
            return result
        }
    }

    /// Ends all watches; nil as a server does after `timeoutSeconds`.
    func endWatches(_ error: APIError? = nil, after text: String = "") {
        state.withLock { state in
            for watch in state.watches.values {
                if !text.isEmpty { watch.continuation.yield(Array(text.utf8)) }
                watch.continuation.finish(throwing: error)
            }
            state.watches = [:]
        }
    }

    /// Sends something to all watches of a path.
    func say(_ text: String, at path: String) {
        state.withLock { state in
            for watch in state.watches.values where watch.path == path {
                watch.continuation.yield(Array(text.utf8))
            }
        }
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        state.withLock { $0.requests.append(request) }
        while state.withLock({ $0.settings.isFrozen || $0.settings.hangs.contains(request.path) }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        return try state.withLock { try $0.answer(request) { id in self.forget(id) } }
    }

    private func forget(_ id: Int) { state.withLock { $0.watches[id] = nil } }
}

extension APIRequest {
    subscript(name: String) -> String? { query.first { $0.name == name }?.value }
}
