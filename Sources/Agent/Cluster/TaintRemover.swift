import AgentAPI
package import KubernetesClient

/// Takes the taint `sluice.dev/agent-not-ready` from this node once the agent is
/// ready, and again whenever somebody puts it back.
///
/// Needs the verbs get and patch on nodes.
package struct TaintRemover: Sendable {
    package struct Intervals: Sendable {
        /// Before it looks again whether the agent is ready.
        package var readiness = Duration.seconds(1)
        /// Before it looks at the node again.
        package var node = Duration.seconds(60)
        package var firstRetry = Duration.seconds(1)
        /// For the API server's answer.
        package var patience = Duration.seconds(10)

        package init() {}
    }

    private let transport: any APITransport
    private let node: String
    private let rhythm: Intervals
    private let isReady: @Sendable () -> Bool
    private let report: @Sendable (String?) async -> Void
    private let removed: @Sendable (String) async -> Void

    /// - Parameter report: hears what keeps the taint from being removed, and nil
    ///   when nothing does any more.
    /// - Parameter removed: hears of each removal, in a sentence for the log.
    package init(
        _ transport: any APITransport, node: String, rhythm: Intervals = Intervals(),
        isReady: @escaping @Sendable () -> Bool, report: @escaping @Sendable (String?) async -> Void,
        removed: @escaping @Sendable (String) async -> Void
    ) {
        self.transport = transport
        self.node = node
        self.rhythm = rhythm
        self.isReady = isReady
        self.report = report
        self.removed = removed
    }

    /// Runs until the task is cancelled.
    package func run() async {
        var backoff = Backoff(first: rhythm.firstRetry, longest: rhythm.node)
        var pause = Duration.zero
        var isTroubled = false
        while (try? await Task.sleep(for: pause)) != nil {
            guard isReady() else {
                pause = rhythm.readiness
                continue
            }
            do {
                try await removeTaint()
                if isTroubled { await report(nil) }
                isTroubled = false
                backoff.reset()
                pause = rhythm.node
            } catch {
                if Task.isCancelled { return }
                let error = error as? APIError
                pause = backoff.next(atLeast: error?.retryAfter)
                // Somebody else was faster.
                if error?.isConflict == true { continue }
                isTroubled = true
                await report(problem(error))
            }
        }
    }

    private func removeTaint() async throws {
        let path = "/api/v1/nodes/\(node)"
        let read = APIRequest(.get, path, patience: rhythm.patience, silence: rhythm.patience)
        let taints = try NodeTaints(await transport.send(read).bytes())
        guard let patch = try taints.patchRemoving(NodeTaints.notReady) else { return }
        let write = APIRequest(.patch, path, body: patch, patience: rhythm.patience, silence: rhythm.patience)
        _ = try await transport.send(write).bytes()
        await removed("the taint \(NodeTaints.notReady) is removed from node \(node): pods may be scheduled here")
    }

    private func problem(_ error: APIError?) -> String {
        let reason = error.map(\.description) ?? "no answer"
        let advice =
            switch error?.code {
            case .status(403): "; grant the agent's service account the verbs get and patch on nodes"
            case .status(404): "; set nodeName to the name that the node has in the cluster"
            default: ""
            }
        return "the taint \(NodeTaints.notReady) is not removed from node \(node): \(reason)\(advice)"
    }
}

extension APIError {
    /// Something has changed since it was read. A failed `test` of a JSON patch is
    /// answered with 422 (500 before Kubernetes 1.13).
    fileprivate var isConflict: Bool { code == .status(409) || code == .status(422) }
}
