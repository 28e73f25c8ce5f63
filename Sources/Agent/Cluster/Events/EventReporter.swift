import AgentAPI
package import KubernetesClient
package import PolicyModel
import Synchronization

/// Tells the cluster what happens to this node's pods, by Kubernetes Events.
///
/// Whoever reports to it never waits: while the API server is away, Events wait
/// in a bounded queue, and the oldest are dropped and counted.
package final class EventReporter: Sendable {
    package struct Intervals: Sendable {
        /// Between two looks at what is to be written.
        package var tick = Duration.seconds(1)
        /// For the API server's answer.
        package var patience = Duration.seconds(10)
        package var firstRetry = Duration.seconds(1)
        package var longestRetry = Duration.seconds(60)
        /// After the API server has said that Events may not be written.
        package var forbidden = Duration.seconds(600)
        /// How often one Event is tried.
        package var attempts = 5

        package init() {}
    }

    private struct State {
        var denials: EventAggregator
        var policies: PolicyComplaints
        var rights: RightComplaints
        var unenforceable: UnenforceablePods
        var queue = EventQueue()
    }

    private let transport: any APITransport
    private let rhythm: Intervals
    private let report: @Sendable (String?) async -> Void
    private let state: Mutex<State>

    /// - Parameter report: hears once if a permission is missing, and nil when
    ///   Events are written again.
    package init(
        _ transport: any APITransport, node: String, rhythm: Intervals = Intervals(),
        limits: EventAggregator.Limits = EventAggregator.Limits(),
        report: @escaping @Sendable (String?) async -> Void
    ) {
        self.transport = transport
        self.rhythm = rhythm
        self.report = report
        state = Mutex(
            State(
                denials: EventAggregator(node: node, limits: limits), policies: PolicyComplaints(node: node),
                rights: RightComplaints(node: node), unenforceable: UnenforceablePods(node: node)))
    }

    /// How many Events, or news of them, were not written and never will be.
    package var dropped: Int { state.withLock { $0.queue.dropped } }

    /// - Parameter count: how many packets this stands for.
    package func report(_ denial: Denial, count: Int = 1, at now: Moment = .now) {
        state.withLock { state in
            if let write = state.denials.add(denial, count: count, at: now) { state.queue.add(write) }
        }
    }

    /// Takes what is wrong with the source's objects now, in place of what was.
    ///
    /// - Parameter namespaces: those with a pod on this node.
    package func report(_ diagnostics: [Diagnostic], namespaces: Set<String>) {
        state.withLock { $0.policies.set(diagnostics, namespaces: namespaces) }
    }

    /// Takes which rights the agent's account lacks now, in place of those that it lacked.
    package func report(missingRights messages: [String]) {
        state.withLock { $0.rights.set(messages) }
    }

    /// Takes this node's pods whose packets meet no verdict, in place of what was.
    package func report(unenforceable pods: [(key: NamespacedName, uid: String, reason: String)]) {
        state.withLock { $0.unenforceable.set(pods) }
    }

    /// Writes until the task is cancelled.
    package func run() async {
        var delivery = EventDelivery(rhythm)
        var pause = rhythm.tick
        while (try? await Task.sleep(for: pause)) != nil {
            var gathered = Moment.now
            gather(at: gathered)
            pause = rhythm.tick
            while let write = state.withLock({ $0.queue.next() }) {
                let outcome = await send(write)
                if Task.isCancelled { return }
                let step = delivery.step(after: outcome)
                state.withLock { step.complete(write, in: &$0.queue) }
                if let news = step.news { await report(news.message) }
                if let wait = step.wait {
                    pause = wait
                    break
                }
                // Whoever has his turn now does not wait until the queue is empty.
                if ContinuousClock.now - gathered.instant >= rhythm.tick {
                    gathered = .now
                    gather(at: gathered)
                }
            }
        }
    }

    private func gather(at now: Moment) {
        state.withLock { state in
            let due =
                state.denials.due(at: now) + state.policies.due(at: now) + state.rights.due(at: now)
                + state.unenforceable.due(at: now)
            for write in due { state.queue.add(write) }
        }
    }

    private func send(_ write: EventWrite) async -> EventOutcome {
        do {
            let answer = try await transport.send(write.request(patience: rhythm.patience))
            // Read to its end, so that the connection can be used again.
            _ = try await answer.bytes(limit: 1 << 20)
            return .done
        } catch let error as APIError {
            return EventOutcome(error, isNew: write.isNew)
        } catch {
            return .again(after: nil)
        }
    }
}
