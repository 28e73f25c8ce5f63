import Agent
import KubernetesClient
import Synchronization
import TestHarness

/// An API server's one Node, with taints and the two steps of a JSON patch that
/// the agent uses.
final class FakeNode: APITransport {
    static let ours = NodeTaints.notReady

    private struct State {
        /// `key:effect`.
        var taints: [String]
        var version = 1
        var reads = 0
        var patches = 0
        var refusals = 0
        var failure: APIError?
        /// What somebody else does after the next read.
        var meddling: (@Sendable ([String]) -> [String])?
    }

    private struct Step: Decodable {
        var op: String
        var path: String
        var value: String?
    }

    private let state: Mutex<State>

    init(_ taints: [String]) { state = Mutex(State(taints: taints)) }

    var taints: [String] { state.withLock { $0.taints } }
    var reads: Int { state.withLock { $0.reads } }
    /// That were taken.
    var patches: Int { state.withLock { $0.patches } }
    var refusals: Int { state.withLock { $0.refusals } }

    func set(_ taints: [String]) {
        state.withLock {
            $0.taints = taints
            $0.version += 1
        }
    }

    func meddle(_ change: @escaping @Sendable ([String]) -> [String]) { state.withLock { $0.meddling = change } }
    func fail(_ error: APIError?) { state.withLock { $0.failure = error } }

    func send(_ request: APIRequest) async throws -> APIResponse {
        let steps = request.method == .patch ? try request.json([Step].self) : []
        let answer = try state.withLock { state in
            if let failure = state.failure { throw failure }
            guard request.path == "/api/v1/nodes/n1" else { throw APIError(.status(404), message: request.path) }
            if request.method == .get { return Self.read(&state) }
            guard request.body?.contentType == "application/json-patch+json" else {
                throw APIError(.status(415), message: "")
            }
            try Self.patch(steps, &state)
            return "{}"
        }
        return APIResponse(
            body: AsyncThrowingStream { continuation in
                continuation.yield(Array(answer.utf8))
                continuation.finish()
            })
    }

    private static func read(_ state: inout State) -> String {
        state.reads += 1
        let taints = state.taints.map { taint in
            let parts = taint.split(separator: ":")
            return #"{"key":"\#(parts[0])","effect":"\#(parts[1])","timeAdded":"2026-01-01T00:00:00Z"}"#
        }
        let spec = taints.isEmpty ? "{}" : #"{"taints":[\#(taints.joined(separator: ","))]}"#
        let answer = #"{"kind":"Node","metadata":{"resourceVersion":"\#(state.version)"},"spec":\#(spec)}"#
        if let meddling = state.meddling {
            state.taints = meddling(state.taints)
            state.version += 1
            state.meddling = nil
        }
        return answer
    }

    private static func patch(_ steps: [Step], _ state: inout State) throws {
        var taints = state.taints
        for step in steps {
            switch (step.op, step.path) {
            case ("test", "/metadata/resourceVersion"):
                guard step.value == "\(state.version)" else {
                    state.refusals += 1
                    throw APIError(.status(422), reason: "Invalid", message: "the request is invalid")
                }
            case ("remove", _):
                guard let place = Int(step.path.split(separator: "/").last ?? ""), taints.indices.contains(place)
                else { throw APIError(.status(422), message: step.path) }
                taints.remove(at: place)
            default: throw Unexpected("\(step)")
            }
        }
        state.taints = taints
        state.version += 1
        state.patches += 1
    }
}
