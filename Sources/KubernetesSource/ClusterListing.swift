public import KubernetesClient
import KubernetesObjects
public import PolicyModel

/// A cluster's objects, listed once; nothing is watched or tried again.
public enum ClusterListing {
    /// All kinds at once, page by page.
    ///
    /// - Returns: every object that takes part in verdicts, and what is wrong with them.
    /// - Throws: `APIError` that names the request and says what to do; `CancellationError`.
    public static func list(
        _ transport: any APITransport, options: KubernetesSource.Options = KubernetesSource.Options()
    ) async throws -> ClusterBatch {
        try await withThrowingTaskGroup(of: (Int, ClusterBatch).self) { group in
            for (place, resource) in Resource.all.enumerated() {
                group.addTask { (place, try await list(resource, transport, options)) }
            }
            var batches: [Int: ClusterBatch] = [:]
            for try await (place, batch) in group { batches[place] = batch }
            let sorted = batches.sorted { $0.key < $1.key }.map(\.value)
            return ClusterBatch(
                changes: sorted.flatMap(\.changes), diagnostics: sorted.flatMap(\.diagnostics))
        }
    }

    /// The pod and the service of a name, as far as there are such.
    ///
    /// - Throws: `APIError` that names the request; `CancellationError`.
    public static func named(
        _ key: NamespacedName, _ transport: any APITransport,
        options: KubernetesSource.Options = KubernetesSource.Options()
    ) async throws -> [ClusterObject] {
        var objects: [ClusterObject] = []
        for resource in Resource.all where [.pod, .service].contains(resource.kind) {
            let batch = try await list(
                "/api/v1/namespaces/\(key.namespace)/\(resource.name)", resource, transport, options,
                selecting: [APIRequest.Parameter("fieldSelector", "metadata.name=\(key.name)")])
            objects += batch.changes.compactMap { if case .set(let object) = $0 { object } else { nil } }
        }
        return objects
    }

    /// By the first path that is served; a kind that the cluster may do without has no objects where none is.
    private static func list(
        _ resource: Resource, _ transport: any APITransport, _ options: KubernetesSource.Options
    ) async throws -> ClusterBatch {
        for (place, path) in resource.paths.enumerated() {
            do {
                return try await list(path, resource, transport, options)
            } catch let error as APIError where error.code == .status(404) {
                if place + 1 < resource.paths.count || resource.isOptional { continue }
                throw error
            } catch var error as APIError where error.code == .status(403) || error.code == .status(401) {
                error.message += "; the account must be allowed to list \(resource.name) in the whole cluster"
                throw error
            }
        }
        return ClusterBatch()
    }

    private static func list(
        _ path: String, _ resource: Resource, _ transport: any APITransport, _ options: KubernetesSource.Options,
        selecting: [APIRequest.Parameter] = []
    ) async throws -> ClusterBatch {
        let reader = ListReader(resource.kind, limits: TextLimits(bytes: options.longestPage))
        var batch = ClusterBatch()
        var interner = Interner()
        var token = ""
        repeat {
            var query = selecting + [APIRequest.Parameter("limit", "\(options.pageSize)")]
            if !token.isEmpty { query.append(APIRequest.Parameter("continue", token)) }
            let response = try await transport.send(APIRequest(.get, path, query: query))
            let bytes = try await response.bytes(limit: options.longestPage)
            do throws(TextError) {
                let page = try reader.read(bytes) { item in
                    batch.diagnostics += item.diagnostics
                    guard var object = item.object else { return }
                    interner.intern(&object)
                    batch.changes.append(.set(object))
                }
                guard page.continueToken.isEmpty || page.continueToken != token else {
                    throw TextError("repeats itself")
                }
                token = page.continueToken
            } catch {
                throw APIError(.invalidAnswer, message: "the answer \(error)", request: "GET \(path)")
            }
        } while !token.isEmpty
        return batch
    }
}
