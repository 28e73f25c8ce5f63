/// The way to an API server; one real (`APIClient`), one fake in tests.
public protocol APITransport: Sendable {
    /// Sends a request and waits for the answer's head.
    ///
    /// - Returns: an answer of status 2xx.
    /// - Throws: `APIError` for every other status and for all that went wrong
    ///   on the way; `CancellationError` if the task is cancelled.
    func send(_ request: APIRequest) async throws -> APIResponse
}
