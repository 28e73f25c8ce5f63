public import PolicyModel

/// What one look at the files brought: the changes to apply in one step, and
/// everything wrong with the files as they are now.
public struct ManifestBatch: Hashable, Sendable {
    public var changes: [ClusterChange]
    public var diagnostics: [Diagnostic]

    public init(changes: [ClusterChange], diagnostics: [Diagnostic]) {
        self.changes = changes
        self.diagnostics = diagnostics
    }
}
