package import AgentAPI
package import AgentConfiguration
import NIOCore
import NIOHTTP1
import NIOPosix
import SystemPackage

/// A small HTTP/1.1 server for kubelet's probes and for people with curl.
///
/// What one client can take is bounded: bytes per request, time per request and
/// between requests, and connections, of which the oldest makes room for the
/// newest.
package struct HTTPEndpoint: Sendable {
    package struct Limits: Sendable {
        package var connections = 32
        /// Of all header fields of a request together, and of its body.
        package var requestBytes = 16 << 10
        /// From the opening or the last answer to the end of the next answer.
        package var patience = Duration.seconds(30)
        /// Before it tries again to listen.
        package var retry = Duration.seconds(10)

        package init() {}
    }

    /// Where it listens.
    package enum Place: Hashable, Sendable, CustomStringConvertible {
        case address(ListenAddress)
        case socket(FlowSocket)

        package var description: String {
            switch self {
            case .address(let address): "\(address)"
            case .socket(let socket): socket.path
            }
        }
    }

    private let place: Place
    private let routes: HTTPRoutes
    private let limits: Limits
    private let report: @Sendable (String?) async -> Void

    /// - Parameter report: hears what keeps the endpoint from listening, and nil
    ///   when it listens.
    package init(
        _ place: Place, routes: HTTPRoutes, limits: Limits = Limits(),
        report: @escaping @Sendable (String?) async -> Void
    ) {
        self.place = place
        self.routes = routes
        self.limits = limits
        self.report = report
    }

    /// Serves until the task is cancelled. A port that is taken is tried again
    /// and again.
    ///
    /// - Parameter listening: hears on which port, each time it listens.
    package func run(listening: @escaping @Sendable (Int) -> Void = { _ in }) async {
        repeat {
            let open = OpenConnections(limit: limits.connections)
            do {
                let server = try await bind(open)
                await report(nil)
                listening(server.localAddress?.port ?? 0)
                try await withTaskCancellationHandler {
                    try await server.closeFuture.get()
                } onCancel: {
                    server.close(promise: nil)
                }
                if case .socket(let socket) = place { socket.remove() }
            } catch {
                await report("\(place) cannot be listened on: \(error)")
            }
            open.closeAll()
        } while (try? await Task.sleep(for: limits.retry)) != nil
    }

    private func bind(_ open: OpenConnections) async throws -> any Channel {
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.requestBytes
        decoding.maxHeaderListSize = limits.requestBytes
        decoding.maxHeaderFieldCount = 100
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 32)
            .childChannelInitializer { [routes, limits, decoding] channel in
                channel.eventLoop.makeCompletedFuture {
                    open.admit(channel)
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoding)
                    try channel.pipeline.syncOperations.addHandler(HTTPConnection(routes, limits))
                }
            }
        switch place {
        case .address(let address):
            return try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(to: SocketAddress(ipAddress: "\(address.address)", port: Int(address.port))).get()
        case .socket(let socket):
            // It takes the socket over, also where it fails.
            return try await bootstrap.withBoundSocket(socket.bind().rawValue).get()
        }
    }
}
