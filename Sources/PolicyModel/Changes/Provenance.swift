/// Who wrote an object last, as far as the API tells (meta/v1 `ObjectMeta`).
public struct Provenance: Hashable, Sendable, Codable {
    /// `resourceVersion`.
    public var resourceVersion: String
    /// The latest of `managedFields`, status left out: which program wrote, for
    /// instance `kubectl-client-side-apply`. Empty where nobody says so.
    public var manager: String
    /// `Apply` or `Update`.
    public var operation: String
    /// In RFC 3339, as the API has it.
    public var time: String

    public init(resourceVersion: String, manager: String = "", operation: String = "", time: String = "") {
        self.resourceVersion = resourceVersion
        self.manager = manager
        self.operation = operation
        self.time = time
    }
}
