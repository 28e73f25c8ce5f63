import ManifestSource
import PolicyModel

/// The objects in files that the user names.
enum ObjectFiles {
    /// - Parameter files: files, or directories of manifests.
    /// - Throws: `Failure` if a file cannot be used, or an object in it has an error.
    static func read(_ files: [String]) throws -> [ClusterObject] {
        var store = ManifestStore()
        for file in try InputFile.objects(files) { store.update(file: file.name, contents: file.contents) }
        let changes = store.drainChanges()
        for diagnostic in store.diagnostics { complain("\(diagnostic.severity.rawValue): \(diagnostic)") }
        let errors = store.diagnostics.count { $0.severity == .error }
        guard errors == 0 else { throw Failure.badInput("\(errors) errors in the objects; nothing was done") }
        return changes.compactMap { if case .set(let object) = $0 { object } else { nil } }
    }
}
