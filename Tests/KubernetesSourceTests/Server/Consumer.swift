import KubernetesClient
import KubernetesSource
import Logging
import PolicyModel
import Synchronization
import Testing

/// What an agent would know, from the batches of a source.
final class Consumer: Sendable {
    struct View {
        var objects: [ObjectReference: ClusterObject] = [:]
        var batches: [ClusterBatch] = []
        var hasEnded = false
    }

    private let state = Mutex(View())

    /// Reads a source until it ends.
    ///
    /// - Parameter check: is asked after each batch.
    func follow(_ source: KubernetesSource, check: @escaping @Sendable (View) -> Void = { _ in }) {
        let batches = source.batches()
        Task {
            for await batch in batches {
                let view = state.withLock { view in
                    for change in batch.changes {
                        switch change {
                        case .set(let object): view.objects[object.reference] = object
                        case .remove(let reference): view.objects[reference] = nil
                        }
                    }
                    view.batches.append(batch)
                    return view
                }
                check(view)
            }
            state.withLock { $0.hasEnded = true }
        }
    }

    var view: View { state.withLock { $0 } }

    /// The label `v` of each pod.
    var labels: [String: String] { view.labels }
}

extension Consumer.View {
    var labels: [String: String] {
        var labels: [String: String] = [:]
        for case .pod(let pod) in objects.values { labels[pod.key.name] = pod.labels["v"] }
        return labels
    }
}

let pods = Resource(name: "pods", kind: .pod, paths: ["/api/v1/pods"])
let podPath = "/api/v1/pods"

func pod(_ name: String) -> ObjectReference { ObjectReference(.pod, "x", name) }

/// A source that does not sleep long.
func makeSource(
    _ server: some APITransport, _ resources: [Resource] = [pods], pageSize: Int = 3,
    longestLine: Int = 16 << 20, seed: UInt64 = 1,
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
) -> KubernetesSource {
    var options = KubernetesSource.Options()
    options.pageSize = pageSize
    options.longestLine = longestLine
    var environment = Environment()
    environment.sleep = { _ in try await Task.sleep(for: .milliseconds(1)) }
    environment.random = { SeededGenerator(seed: seed) }
    return KubernetesSource(
        resources, transport: server, options: options, logger: logger, environment: environment)
}
