import KubernetesClient
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestHarness

/// A server on loopback that does to each request what a script says, byte by
/// byte, so that it can break every rule.
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        case send(String)
        case sendBytes(Int)
        case pause
        case close
        /// Without a goodbye: the peer sees a reset or an unclean end.
        case cut
    }

    struct Log: Sendable {
        var opened = 0
        var closed = 0
        var requests: [String] = []
    }

    typealias Script = @Sendable (_ request: String, _ number: Int) -> [Step]

    private let channel: any Channel
    private let box: StateBox
    let port: UInt16

    private init(_ channel: any Channel, _ state: StateBox) {
        self.channel = channel
        box = state
        port = UInt16(channel.localAddress?.port ?? 0)
    }

    fileprivate final class StateBox: Sendable {
        let log = Mutex(Log())
    }

    var log: Log { box.log.withLock { $0 } }

    /// - Parameters:
    ///   - certificate: name of the certificate; nil for plain HTTP.
    ///   - wantsClient: whether a client must show a certificate.
    ///   - isMute: accepts connections and never says a word, not even TLS.
    static func start(
        _ certificates: Certificates?, certificate: String = "server", wantsClient: Bool = false,
        isMute: Bool = false, script: @escaping Script
    ) async throws -> ScriptedServer {
        let box = StateBox()
        var context: NIOSSLContext?
        if let certificates, !isMute {
            var settings = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificates.path("\(certificate).crt"))
                    .map { .certificate($0) },
                privateKey: .privateKey(
                    try NIOSSLPrivateKey(file: certificates.path("\(certificate).key"), format: .pem)))
            if wantsClient {
                settings.trustRoots = .file(certificates.path("ca.crt"))
                settings.certificateVerification = .noHostnameVerification
            }
            context = try NIOSSLContext(configuration: settings)
        }
        let security = context
        let silence: Script = { _, _ in [] }
        let answers = isMute ? silence : script
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { (channel: any Channel) -> EventLoopFuture<Void> in
                channel.eventLoop.makeCompletedFuture { () throws -> Void in
                    box.log.withLock { $0.opened += 1 }
                    channel.closeFuture.whenComplete { _ in box.log.withLock { $0.closed += 1 } }
                    if let security {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: security))
                    }
                    try channel.pipeline.syncOperations.addHandler(Conversation(box, answers))
                }
            }
        let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        return ScriptedServer(channel, box)
    }

    deinit { channel.close(promise: nil) }

    /// For a client of it.
    func configuration(
        _ certificates: Certificates?, credentials: Credentials = Credentials(), host: String = "127.0.0.1",
        trust: ClusterConfiguration.Trust? = nil
    ) -> ClusterConfiguration {
        let bundle = certificates.map { ClusterConfiguration.Trust.bundle(.file($0.path("ca.crt"))) }
        return ClusterConfiguration(
            server: ServerAddress(scheme: certificates == nil ? .http : .https, host: host, port: port),
            trust: trust ?? bundle ?? .system, credentials: credentials)
    }
}

private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let box: ScriptedServer.StateBox
    private let script: ScriptedServer.Script
    private var text = ""

    init(_ box: ScriptedServer.StateBox, _ script: @escaping ScriptedServer.Script) {
        self.box = box
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        guard text.contains("\r\n\r\n") else { return }
        let request = text
        text = ""
        let number = box.log.withLock { log in
            log.requests.append(request)
            return log.requests.count
        }
        run(script(request, number)[...], context)
    }

    private func run(_ steps: ArraySlice<ScriptedServer.Step>, _ context: ChannelHandlerContext) {
        guard let step = steps.first else { return }
        switch step {
        case .send(let text):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .sendBytes(let count):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(repeating: 0x61, count: count)), promise: nil)
        case .pause: break
        case .close: context.close(promise: nil)
        case .cut:
            // The head of the pipeline: TLS does not get to say goodbye.
            context.channel.pipeline.syncOperations.closeTransport(context)
        }
        let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let rest = steps.dropFirst()
        context.eventLoop.scheduleTask(in: .milliseconds(2)) {
            let (conversation, context) = loop.value
            conversation.run(rest, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension ChannelPipeline.SynchronousOperations {
    fileprivate func closeTransport(_ last: ChannelHandlerContext) {
        if let context = try? context(handlerType: NIOSSLServerHandler.self) {
            context.close(promise: nil)
        } else {
            last.close(promise: nil)
        }
    }
}

/// Answers that servers give.
extension ScriptedServer.Step {
    static func answer(_ status: String = "200 OK", _ body: String = "{}", headers: String = "") -> [Self] {
        [.send("HTTP/1.1 \(status)\r\ncontent-length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")]
    }

    static let chunkedHead = Self.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")

    static func chunk(_ text: String) -> Self {
        .send(String(text.utf8.count, radix: 16) + "\r\n\(text)\r\n")
    }
}
