package import AgentAPI
import NIOCore
import NIOPosix
import SystemPackage

/// Answers on the agent's socket who asks for flows.
///
/// Whoever reads slowly is answered slowly, from the history, and loses what has
/// gone from there meanwhile; it is told how much. Nobody else waits for it.
package struct FlowServer: Sendable {
    package struct Limits: Sendable {
        /// Above it a connection is refused.
        package var connections = 32
        /// Of a request.
        package var lineBytes = 64 << 10
        /// Of answers that wait for one client to read them.
        package var waitingBytes = 256 << 10
        /// From the opening to the request's end, and for an answer that has an
        /// end from one look at the client to the next.
        package var patience = Duration.seconds(30)
        /// Flows that come within it travel together.
        package var gathering = Duration.milliseconds(10)
        /// Before it tries again to listen.
        package var retry = Duration.seconds(10)

        package init() {}
    }

    private let socket: FlowSocket
    private let history: FlowHistory
    private let catchUp: @Sendable () -> Void
    private let limits: Limits
    private let report: @Sendable (String?) async -> Void

    /// - Parameters:
    ///   - catchUp: has the history take every flow that the kernel has told of; called on any
    ///     thread, but not by who notes a flow.
    ///   - report: hears what keeps it from listening, and nil when it listens.
    package init(
        _ socket: FlowSocket, _ history: FlowHistory, catchUp: @escaping @Sendable () -> Void = {},
        limits: Limits = Limits(),
        report: @escaping @Sendable (String?) async -> Void
    ) {
        self.socket = socket
        self.history = history
        self.catchUp = catchUp
        self.limits = limits
        self.report = report
    }

    /// Serves until the task is cancelled.
    package func run() async {
        repeat {
            // One for all connections, so that flows are encoded in one place.
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let clients = FlowClients(history, catchUp: catchUp, loop, limits)
            do {
                let server = try await listen(loop, clients)
                await report(nil)
                try await withTaskCancellationHandler {
                    try await server.closeFuture.get()
                } onCancel: {
                    server.close(promise: nil)
                }
                socket.remove()
            } catch {
                await report("flows cannot be asked for: \(error)")
            }
            clients.closeAll()
        } while (try? await Task.sleep(for: limits.retry)) != nil
    }

    private func listen(_ loop: any EventLoop, _ clients: FlowClients) async throws -> any Channel {
        let bound = try socket.bind()
        let limits = limits
        // It takes the socket over, also where it fails.
        return try await ServerBootstrap(group: loop, childGroup: loop)
            .serverChannelOption(.backlog, value: 32)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: limits.waitingBytes / 4, high: limits.waitingBytes)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let isWelcome = clients.admit(channel)
                    try channel.pipeline.syncOperations.addHandler(
                        FlowConnection(clients, limits, isWelcome: isWelcome))
                }
            }
            .withBoundSocket(bound.rawValue)
            .get()
    }
}
