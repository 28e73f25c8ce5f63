import AsyncHTTPClient
import NIOCore
import NIOSSL
import Synchronization

/// The HTTP client for the certificates in use. When they change, a new client
/// takes its place, and the old one ends with its last request.
final class ClientPool: Sendable {
    /// Closes its connections when nobody holds it any more.
    final class Lease: Sendable {
        let client: HTTPClient

        init(_ client: HTTPClient) {
            self.client = client
        }

        deinit {
            client.shutdown { _ in }
        }
    }

    private let configuration: ClusterConfiguration
    private let current = Mutex<(transport: Access.Transport, lease: Lease)?>(nil)

    init(_ configuration: ClusterConfiguration) {
        self.configuration = configuration
    }

    /// - Throws: if a certificate or key cannot be understood.
    func lease(_ transport: Access.Transport) throws(APIError) -> Lease {
        try current.withLock { current throws(APIError) in
            if let current, current.transport == transport { return current.lease }
            let lease = Lease(try makeClient(transport))
            current = (transport, lease)
            return lease
        }
    }

    private func makeClient(_ transport: Access.Transport) throws(APIError) -> HTTPClient {
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // Over HTTP/2 all watches would share one connection and hang with it.
        settings.httpVersion = .http1Only
        // Covers the TLS handshake too.
        settings.timeout.connect = .seconds(10)
        // Each watch holds a connection for itself.
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        // Who asks learns of the failure at once and knows better when to try again.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.tlsConfiguration = try TransportSecurity(configuration, transport).settings()
        if let name = configuration.serverName {
            settings.dnsOverride = [name: configuration.server.host]
        }
        if let proxy = configuration.proxy {
            settings.proxy = .server(host: proxy.host, port: Int(proxy.port))
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }
}
