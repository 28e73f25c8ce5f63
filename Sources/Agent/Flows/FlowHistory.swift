import AgentAPI
package import Flows
import Synchronization

/// The latest flows, for whoever asks later; and a bell for whoever waits for more.
package final class FlowHistory: Sendable {
    /// Rung at each flow by whoever notes it.
    package final class Bell: Sendable {
        fileprivate let ring: @Sendable () -> Void

        /// - Parameter ring: must be quick.
        package init(_ ring: @escaping @Sendable () -> Void) { self.ring = ring }
    }

    private struct State {
        var ring: FlowRing
        var bell: Bell?
    }

    private let state: Mutex<State>

    /// - Parameter capacity: how many flows it keeps, each about half a kilobyte.
    package init(capacity: Int) { state = Mutex(State(ring: FlowRing(capacity: capacity))) }

    /// Takes a flow; never waits for a reader.
    package func record(_ flow: Flow) {
        let bell = state.withLock { state in
            state.ring.append(flow)
            return state.bell
        }
        bell?.ring()
    }

    /// - Parameter bell: nil for none.
    package func ring(_ bell: Bell?) { state.withLock { $0.bell = bell } }

    package func cursor(_ request: FlowRequest) -> FlowCursor {
        state.withLock { FlowCursor(request, in: $0.ring) }
    }

    package func page(from number: UInt64, atMost count: Int) -> FlowRing.Page {
        state.withLock { $0.ring.page(from: number, atMost: count) }
    }
}
