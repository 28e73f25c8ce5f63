import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import PolicyModel

/// The way to a real API server.
///
/// Speaks HTTP/1.1 only, each watch on a connection of its own. Credentials and
/// CA are read again as they change; a request that the server refuses for them
/// is repeated once with what is there then.
public final class APIClient: APITransport {
    private let configuration: ClusterConfiguration
    private let access: AccessStore
    private let pool: ClientPool

    /// Reads and connects nothing yet.
    public init(_ configuration: ClusterConfiguration) {
        self.configuration = configuration
        access = AccessStore(configuration)
        pool = ClientPool(configuration)
    }

    public func send(_ request: APIRequest) async throws -> APIResponse {
        do {
            return try await sendTwiceIfRefused(request)
        } catch var error as APIError {
            error.request = request.summary
            throw error
        }
    }

    private func sendTwiceIfRefused(_ request: APIRequest) async throws -> APIResponse {
        let used = try await access.current()
        do {
            return try await exchange(request, used)
        } catch let error as APIError where error.code == .status(401) || error.code == .tls {
            await access.invalidate(used)
            let renewed = try await access.current()
            guard renewed != used else { throw error }
            return try await exchange(request, renewed)
        }
    }

    private func exchange(_ request: APIRequest, _ access: Access) async throws -> APIResponse {
        let lease = try pool.lease(access.transport)
        let response: HTTPClientResponse
        do {
            response = try await lease.client.execute(
                message(request, token: access.token),
                deadline: .now() + TimeAmount(min(request.patience, .seconds(86_400))))
        } catch {
            try Task.checkCancellation()
            if TransportFailure.isUntrustedCertificate(error) {
                throw await CertificateProbe.explain(configuration)
            }
            throw TransportFailure.beforeAnswer(error, server: configuration.server, patience: request.patience)
        }
        let body = BodyReader(response.body, lease: lease, silence: request.silence)
        guard (200..<300).contains(response.status.code) else {
            let failed = FailedAnswer(
                status: Int(response.status.code), phrase: response.status.reasonPhrase,
                retryAfter: response.headers.first(name: "retry-after"),
                location: response.headers.first(name: "location"),
                body: try await body.beginning(
                    limit: FailedAnswer.bodyLimit, within: min(request.patience, .seconds(5))))
            throw failed.error(credentials: configuration.credentials, now: Timestamp.now)
        }
        return APIResponse(body: body.stream(of: request.summary))
    }

    private func message(_ request: APIRequest, token: String?) -> HTTPClientRequest {
        var address = configuration.server
        // The certificate is checked against the name in the URL; see `ClientPool`.
        if let name = configuration.serverName { address.host = name }
        let query = request.query.isEmpty ? "" : "?" + PercentEncoding.query(request.query)
        var message = HTTPClientRequest(url: "\(address)\(PercentEncoding.path(request.path))\(query)")
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        message.headers.add(name: "host", value: configuration.server.authority)
        message.headers.add(name: "user-agent", value: "sluiced")
        message.headers.add(name: "accept", value: "application/json")
        if let token { message.headers.add(name: "authorization", value: "Bearer \(token)") }
        if let body = request.body {
            message.headers.add(name: "content-type", value: body.contentType)
            message.body = .bytes(ByteBuffer(bytes: body.bytes))
        }
        return message
    }
}

extension APIRequest {
    /// For messages, for instance `GET /api/v1/pods`.
    var summary: String { "\(method.rawValue) \(path)" }
}
