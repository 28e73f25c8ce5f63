package import Flows
import Synchronization

/// The latest flows, for whoever asks later; and a bell for whoever waits for more.
package final class FlowHistory: Sendable {
    private struct State {
        var ring: FlowRing
        var bell: (@Sendable () -> Void)?
        var catchUp: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    /// - Parameter capacity: how many flows it keeps, each about half a kilobyte.
    package init(capacity: Int) { state = Mutex(State(ring: FlowRing(capacity: capacity))) }

    /// Takes a flow; never waits for a reader.
    package func note(_ flow: Flow) {
        let bell = state.withLock { state in
            state.ring.append(flow)
            return state.bell
        }
        bell?()
    }

    /// - Parameter bell: called at each flow by whoever notes it, so it must be
    ///   quick; nil for none.
    package func ring(_ bell: (@Sendable () -> Void)?) { state.withLock { $0.bell = bell } }

    /// - Parameter reading: notes every flow that the kernel has told of; it may be called on
    ///   any thread but not by who notes a flow.
    package func refresh(by reading: @escaping @Sendable () -> Void) { state.withLock { $0.catchUp = reading } }

    /// Has what was done just now in it, for who is about to ask.
    package func catchUp() { state.withLock { $0.catchUp }?() }

    package func cursor(_ request: FlowRequest) -> FlowCursor {
        state.withLock { FlowCursor(request, in: $0.ring) }
    }

    package func page(from number: UInt64, atMost count: Int) -> FlowRing.Page {
        state.withLock { $0.ring.page(from: number, atMost: count) }
    }
}
