import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Finds out why a server's certificate was not believed: the TLS library says
/// no more than that it was not. Connects once more, believes anyone, sends
/// nothing, and looks at the certificate.
enum CertificateProbe {
    static func explain(_ configuration: ClusterConfiguration) async -> APIError {
        let server = configuration.server
        let certificate = try? await certificate(of: server, name: configuration.serverName)
        let now = time(nil)
        if let certificate, certificate.notValidAfter < now {
            return APIError(
                .tls,
                message: "the certificate of the API server at \(server) expired "
                    + "\((now - certificate.notValidAfter) / 3600) hours ago; renew it, or set this node's clock")
        }
        if let certificate, certificate.notValidBefore > now {
            return APIError(
                .tls,
                message: "the certificate of the API server at \(server) becomes valid only in "
                    + "\((certificate.notValidBefore - now) / 3600) hours; is this node's clock right?")
        }
        let authority =
            switch configuration.trust {
            case .bundle(let origin): "the CA in \(origin)"
            case .system, .anyone: "a CA that this system knows; set certificate-authority"
            }
        return APIError(
            .tls, message: "the certificate of the API server at \(server) is not signed by \(authority)")
    }

    private static func certificate(of server: ServerAddress, name: String?) async throws -> NIOSSLCertificate? {
        var settings = TLSConfiguration.makeClientConfiguration()
        settings.certificateVerification = .none
        let context = try NIOSSLContext(configuration: settings)
        let host = name ?? server.host
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
                    try channel.pipeline.syncOperations.addHandlers([handler, HandshakeWaiter(channel.eventLoop)])
                }
            }
            .connect(host: server.host, port: Int(server.port)).get()
        defer { channel.close(promise: nil) }
        try await channel.pipeline.handler(type: HandshakeWaiter.self).flatMap(\.done.futureResult).get()
        return try await channel.nioSSL_peerCertificate().get()
    }
}

/// Fulfils its promise when the handshake is over, one way or the other.
private final class HandshakeWaiter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let done: EventLoopPromise<Void>

    init(_ eventLoop: any EventLoop) {
        done = eventLoop.makePromise()
        let done = done
        eventLoop.scheduleTask(in: .seconds(5)) { done.fail(ChannelError.connectTimeout(.seconds(5))) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { done.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        done.fail(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        done.fail(ChannelError.eof)
    }
}
