import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Serves a recorded cluster on loopback as an API server would: lists in pages, and watches that
/// say what `send` is given.
final class RecordedServer: Sendable {
    let cluster: RecordedCluster
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let watches = Mutex<[RecordedKind: any Channel]>([:])
    private let version = Atomic(RecordedCluster.resourceVersion)
    private let channel = Mutex<(any Channel)?>(nil)

    init(_ cluster: RecordedCluster) { self.cluster = cluster }

    /// - Returns: the port that it listens on.
    func start() throws -> Int {
        let bootstrap = ServerBootstrap(group: group)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(RequestHandler(server: self))
                }
            }
        let bound = try bootstrap.bind(host: "127.0.0.1", port: 0).wait()
        channel.withLock { $0 = bound }
        return bound.localAddress?.port ?? 0
    }

    func stop() {
        try? channel.withLock { $0 }?.close().wait()
        try? group.syncShutdownGracefully()
    }

    /// Whether every kind is watched.
    var isWatched: Bool { watches.withLock { $0.count == RecordedKind.allCases.count } }

    /// Says that an object is now so; returns when the bytes are with the kernel.
    func send(_ type: String, _ kind: RecordedKind, _ object: String) throws {
        let version = version.add(1, ordering: .relaxed).newValue
        // The first resourceVersion in an object is its metadata's.
        let body = object.dropFirst()
        guard let found = body.firstRange(of: "\"resourceVersion\":\"") else { return }
        let rest = body[found.upperBound...].drop { $0 != "\"" }
        let line = """
            {"type":"\(type)","object":{"kind":"\(kind.kind)","apiVersion":"\(kind.apiVersion)",\
            \(body[..<found.upperBound])\(version)\(rest)}\n
            """
        guard let channel = watches.withLock({ $0[kind] }) else { throw BenchmarkError("\(kind) is not watched") }
        try channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: line)))).wait()
    }

    fileprivate func watch(_ kind: RecordedKind, _ channel: any Channel) {
        watches.withLock { $0[kind] = channel }
    }
}

private final class RequestHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: RecordedServer

    init(server: RecordedServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        let parts = head.uri.split(separator: "?", maxSplits: 1)
        var query: [Substring: Substring] = [:]
        for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let halves = pair.split(separator: "=", maxSplits: 1)
            if halves.count == 2 { query[halves[0]] = halves[1] }
        }
        let name = parts.first?.split(separator: "/").last.map(String.init) ?? ""
        guard head.method == .GET, let kind = RecordedKind(rawValue: name),
            parts[0].contains("/v1/")
        else {
            return answer(context, head.method == .POST ? .created : .notFound, ByteBuffer(string: "{}"))
        }
        if ["true", "1"].contains(query["watch"]) {
            let answer = HTTPResponseHead(
                version: .http1_1, status: .ok,
                headers: ["Content-Type": "application/json", "Transfer-Encoding": "chunked"])
            context.writeAndFlush(wrapOutboundOut(.head(answer)), promise: nil)
            server.watch(kind, context.channel)
            return
        }
        let limit = query["limit"].flatMap { Int($0) } ?? .max / 2
        let first = query["continue"].flatMap { Int($0) } ?? 0
        answer(context, .ok, ByteBuffer(string: server.cluster.page(kind, from: first, limit: limit)))
    }

    private func answer(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ body: ByteBuffer) {
        let head = HTTPResponseHead(
            version: .http1_1, status: status,
            headers: ["Content-Type": "application/json", "Content-Length": "\(body.readableBytes)"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
