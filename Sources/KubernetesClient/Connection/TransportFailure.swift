import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemPackage

/// What the HTTP client's errors mean to people.
enum TransportFailure {
    /// - Parameter server: the address, for the message.
    static func beforeAnswer(_ error: any Error, server: ServerAddress, patience: Duration) -> APIError {
        switch error as? HTTPClientError {
        case .deadlineExceeded?:
            return APIError(
                .timedOut, message: "the API server at \(server) has not begun to answer within \(patience)")
        case .tlsHandshakeTimeout?:
            return APIError(.timedOut, message: "the API server at \(server) has not ended the TLS handshake in time")
        case .connectTimeout?:
            return unreachable(server, "no connection in time; a firewall may drop the packets")
        case .proxyAuthenticationRequired?, .invalidProxyResponse?, .httpProxyHandshakeTimeout?:
            return unreachable(server, "the proxy refuses: \(error)")
        default: break
        }
        switch error {
        case let error as NIOConnectionError:
            return unreachable(server, reason(error))
        case let error as IOError where isConnectionEnd(error):
            return closed(server)
        case let error as IOError:
            return unreachable(server, reason(error))
        case let error as HTTPParserError where error != .invalidEOFState:
            return APIError(
                .invalidAnswer, message: "what answers at \(server) does not speak HTTP (\(error))" + hint(server))
        default: break
        }
        if isSecurity(error) { return security(error, server) }
        if isCut(error) { return closed(server) }
        return APIError(.invalidAnswer, message: "the API server at \(server) cannot be talked to: \(error)")
    }

    static func withinAnswer(_ error: any Error) -> APIError {
        if let error = error as? APIError { return error }
        if let error = error as? HTTPParserError, error != .invalidEOFState {
            return APIError(.invalidAnswer, message: "the answer breaks HTTP's rules (\(error))")
        }
        return APIError(.cut, message: "the connection ended within the answer (\(error))")
    }

    /// Whether the server's certificate was refused; the TLS library does not say why.
    static func isUntrustedCertificate(_ error: any Error) -> Bool {
        String(describing: error).contains("CERTIFICATE_VERIFY_FAILED")
    }

    private static func unreachable(_ server: ServerAddress, _ reason: String) -> APIError {
        APIError(.unreachable, message: "the API server at \(server.authority) cannot be reached: \(reason)")
    }

    private static func closed(_ server: ServerAddress) -> APIError {
        APIError(
            .cut, message: "the API server at \(server) closed the connection before it answered" + hint(server))
    }

    /// Servers that expect TLS answer plain HTTP with an alert or not at all.
    private static func hint(_ server: ServerAddress) -> String {
        server.scheme == .http ? "; does it speak https?" : ""
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        if let first = error.connectionErrors.first {
            return (first.error as? IOError).map(reason) ?? "\(first.error)"
        }
        return "the name \(error.host) is not known (\(error.dnsAError ?? error.dnsAAAAError ?? error))"
    }

    private static func reason(_ error: IOError) -> String { "\(Errno(rawValue: error.errnoCode))" }

    private static func isSecurity(_ error: any Error) -> Bool {
        switch error {
        case NIOSSLError.uncleanShutdown: false
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: true
        default: false
        }
    }

    private static func security(_ error: any Error, _ server: ServerAddress) -> APIError {
        let text = String(describing: error)
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            return APIError(
                .tls,
                message: "the certificate of the API server at \(server) does not bear the name that was asked for; "
                    + "use a name that it bears, or set tls-server-name (\(text))")
        }
        if text.contains("WRONG_VERSION_NUMBER") {
            return APIError(.tls, message: "what answers at \(server) does not speak TLS; is it http?")
        }
        if text.contains("ALERT") {
            return APIError(
                .tls,
                message: "the API server at \(server) refused the TLS connection; it may want another "
                    + "client certificate (\(text))")
        }
        if text.contains("EOF during handshake") {
            return APIError(
                .cut, message: "the API server at \(server) closed the connection in the TLS handshake; is it http?")
        }
        return APIError(.tls, message: "no TLS connection to \(server): \(text)")
    }

    private static func isConnectionEnd(_ error: IOError) -> Bool {
        [.connectionReset, .brokenPipe].contains(Errno(rawValue: error.errnoCode))
    }

    private static func isCut(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPClientError: error == .remoteConnectionClosed
        case NIOSSLError.uncleanShutdown, HTTPParserError.invalidEOFState, is ChannelError: true
        default: false
        }
    }
}
