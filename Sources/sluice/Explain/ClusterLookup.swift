import AgentConfiguration
import KubernetesClient
import KubernetesSource
import ManifestSource
import PolicyModel

/// The services and pods of a name, from where the agent has its objects: the maps know addresses alone.
enum ClusterLookup {
    /// - Parameter source: as the agent's snapshot names it.
    /// - Throws: `Failure` that says what to do without them.
    static func objects(named key: NamespacedName, source: String) async throws -> [ClusterObject] {
        switch Configuration.Source(source) {
        case .manifests(let path):
            var store = ManifestStore()
            for file in try InputFile.objects([path]) { store.update(file: file.name, contents: file.contents) }
            return store.drainChanges().compactMap { if case .set(let object) = $0 { object } else { nil } }
        case .kubernetes: return try await inCluster(key)
        }
    }

    private static func inCluster(_ key: NamespacedName) async throws -> [ClusterObject] {
        let advice = "the API server tells the addresses of \(key), and it cannot be asked; write an address and a port"
        do {
            return try await ClusterListing.named(key, APIClient(try .find()))
        } catch let error as ConfigurationError {
            throw Failure.failed("\(advice): \(error)")
        } catch let error as APIError {
            throw Failure.failed("\(advice): \(error)")
        }
    }
}
