import Flows
import NIOCore
import Synchronization

/// The connections of the agent's socket.
final class FlowClients: Sendable {
    /// Says that there are flows which the connection has not looked at.
    struct NewFlows: Sendable {}

    private struct State {
        var open: [any Channel] = []
        var followers: [any Channel] = []
    }

    let history: FlowHistory
    /// Has what was done just now in the history, for who is about to ask.
    let catchUp: @Sendable () -> Void
    let lines = FlowLines()
    private let loop: any EventLoop
    private let limits: FlowServer.Limits
    private let state = Mutex(State())
    /// Whether the followers are about to be told already.
    private let isRung = Atomic(false)

    init(
        _ history: FlowHistory, catchUp: @escaping @Sendable () -> Void, _ loop: any EventLoop,
        _ limits: FlowServer.Limits
    ) {
        self.history = history
        self.catchUp = catchUp
        self.loop = loop
        self.limits = limits
    }

    /// - Returns: whether there is room for it.
    func admit(_ channel: any Channel) -> Bool {
        let isWelcome = state.withLock { state in
            state.open.append(channel)
            return state.open.count <= limits.connections
        }
        channel.closeFuture.whenComplete { [self] _ in forget(channel) }
        return isWelcome
    }

    /// Has the connection told of new flows.
    func follow(_ channel: any Channel) {
        state.withLock { $0.followers.append(channel) }
        history.ring(FlowHistory.Bell { [weak self] in self?.ring() })
        // What came before the bell was there.
        ring()
    }

    func closeAll() {
        for channel in state.withLock({ $0.open }) { channel.close(promise: nil) }
    }

    private func forget(_ channel: any Channel) {
        let isQuiet = state.withLock { state in
            state.open.removeAll { $0 === channel }
            state.followers.removeAll { $0 === channel }
            return state.followers.isEmpty
        }
        if isQuiet {
            history.ring(nil)
            lines.clear()
        }
    }

    /// Called by whoever notes a flow.
    private func ring() {
        guard !isRung.exchange(true, ordering: .acquiringAndReleasing) else { return }
        loop.scheduleTask(in: TimeAmount(limits.gathering)) { [self] in
            isRung.store(false, ordering: .releasing)
            for channel in state.withLock({ $0.followers }) {
                channel.pipeline.fireUserInboundEventTriggered(NewFlows())
            }
        }
    }
}
