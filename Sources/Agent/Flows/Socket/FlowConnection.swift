import AgentAPI
import Flows
import NIOCore

/// Answers one request, and then it is over.
final class FlowConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case asking(ByteBuffer)
        case answering(FlowCursor)
        case ending
    }

    /// How many flows it looks at before others have their turn.
    private static let pageSize = 128

    private let clients: FlowClients
    private let limits: FlowServer.Limits
    private let isWelcome: Bool
    private var state = State.asking(ByteBuffer())
    private var follows = false
    private var deadline: Scheduled<Void>?

    init(_ clients: FlowClients, _ limits: FlowServer.Limits, isWelcome: Bool) {
        self.clients = clients
        self.limits = limits
        self.isWelcome = isWelcome
    }

    func channelActive(context: ChannelHandlerContext) {
        restartDeadline(context)
        if !isWelcome { end(context, .error("\(limits.connections) clients are connected already; end one")) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        state = .ending
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .asking(var line) = state else { return }
        var bytes = unwrapInboundIn(data)
        line.writeBuffer(&bytes)
        state = .asking(line)
        guard let length = line.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else {
            if line.readableBytes > limits.lineBytes { refuseLength(context) }
            return
        }
        guard length - line.readerIndex <= limits.lineBytes else { return refuseLength(context) }
        do {
            answer(context, try FlowRequest(line: line.readableBytesView[..<length]))
        } catch {
            end(context, .error(error.description))
        }
    }

    private func answer(_ context: ChannelHandlerContext, _ request: FlowRequest) {
        clients.catchUp()
        state = .answering(clients.history.cursor(request))
        follows = request.follow
        if follows {
            deadline?.cancel()
            clients.follow(context.channel)
        }
        goOn(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is FlowClients.NewFlows { goOn(context) } else { context.fireUserInboundEventTriggered(event) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { goOn(context) }
        context.fireChannelWritabilityChanged()
    }

    /// Writes what there is and the client has room for.
    private func goOn(_ context: ChannelHandlerContext) {
        guard case .answering(var cursor) = state, context.channel.isWritable else { return }
        let page = clients.history.page(from: cursor.next, atMost: Self.pageSize)
        for step in cursor.consume(page) {
            switch step {
            case .flow(let number, let index):
                context.write(wrapOutboundOut(clients.lines.line(number, page.entries[index].flow)), promise: nil)
            case .lost(let count): context.write(wrapOutboundOut(FlowLines.line(.lost(count))), promise: nil)
            }
        }
        state = .answering(cursor)
        if cursor.isAtEnd { return end(context, .end) }
        if !follows { restartDeadline(context) }
        context.flush()
        guard page.entries.count == Self.pageSize else { return }
        let channel = context.channel
        context.eventLoop.execute { channel.pipeline.fireUserInboundEventTriggered(FlowClients.NewFlows()) }
    }

    private func refuseLength(_ context: ChannelHandlerContext) {
        end(context, .error("the request is longer than \(limits.lineBytes) bytes; ask for less at once"))
    }

    private func end(_ context: ChannelHandlerContext, _ answer: FlowAnswer) {
        state = .ending
        restartDeadline(context)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(FlowLines.line(answer))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    /// Who neither asks nor reads is not waited for.
    private func restartDeadline(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: TimeAmount(limits.patience)) {
            channel.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
