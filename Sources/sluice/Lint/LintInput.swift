import KubernetesClient
import KubernetesSource
import ManifestSource
import PolicyModel

/// The objects that are to be looked at, and what was wrong when they were read.
struct LintInput {
    var objects: [ClusterObject]
    var diagnostics: [Diagnostic]

    /// - Parameter isAlsoCluster: whether a cluster was named beside the files.
    /// - Throws: `Failure` for files that cannot be read at all.
    static func files(_ paths: [String], isAlsoCluster: Bool) throws -> LintInput {
        if isAlsoCluster { throw Failure.badInput("give --objects, or --kubeconfig and --context: not both") }
        if paths.count(where: { $0 == "-" }) > 1 {
            throw Failure.badInput("- stands for standard input, which can be read once only")
        }
        var store = ManifestStore()
        for file in try InputFile.objects(paths) { store.update(file: file.name, contents: file.contents) }
        let objects = store.drainChanges().objects
        // A file that is broken as a whole may hold anything.
        let broken = store.diagnostics.filter { $0.severity == .error && $0.object.isEmpty && $0.reference == nil }
        guard broken.isEmpty else {
            throw Failure.badInput(broken.map(\.description).joined(separator: "\n"))
        }
        return LintInput(objects: objects, diagnostics: store.diagnostics)
    }

    /// Lists a cluster's objects once.
    /// - Throws: `Failure` that says why they cannot be had.
    static func cluster(kubeconfig: String?, context: String?) async throws -> LintInput {
        do {
            let transport = APIClient(try .find(kubeconfig: kubeconfig, context: context))
            let batch = try await ClusterListing.list(transport)
            return LintInput(objects: batch.changes.objects, diagnostics: batch.diagnostics)
        } catch let error as ConfigurationError {
            throw Failure.badInput("\(error)\ngive --objects FILES, or --kubeconfig FILE")
        } catch let error as APIError {
            throw Failure.badInput("the cluster cannot be listed: \(error)")
        }
    }

    func isKnown(_ namespace: String) -> Bool {
        objects.contains {
            $0.reference.namespace == namespace || $0.reference == ObjectReference(.namespace, "", namespace)
        }
    }
}

extension [ClusterChange] {
    fileprivate var objects: [ClusterObject] {
        compactMap { if case .set(let object) = $0 { object } else { nil } }
    }
}
