/// What went wrong between here and an API server's answer.
public struct APIError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        /// No connection: name, route, port, or nobody listens.
        case unreachable
        /// The two do not trust each other: unknown CA, wrong name, expired.
        case tls
        /// Nothing came within the request's patience or silence.
        case timedOut
        /// The connection ended within the answer.
        case cut
        /// The answer is not what HTTP or the API says it should be.
        case invalidAnswer
        /// Token, certificate or exec plugin could not be had.
        case credentials
        /// The server's answer was this status, which is none of 2xx.
        case status(Int)
    }

    public var code: Code
    /// `Status.reason` of the answer (meta/v1), for instance `Expired`; else empty.
    public var reason: String
    public var message: String
    /// Of the header `Retry-After`.
    public var retryAfter: Duration?
    /// The request, for instance `GET /api/v1/pods`; empty if not known.
    public var request: String

    public init(
        _ code: Code, reason: String = "", message: String, retryAfter: Duration? = nil,
        request: String = ""
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryAfter = retryAfter
        self.request = request
    }

    public var description: String {
        request.isEmpty ? message : "\(request): \(message)"
    }
}
