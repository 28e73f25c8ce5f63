/// Where the cluster's objects come from: manifest files or a Kubernetes API.
public protocol ClusterSource: Sendable {
    /// What the source says, in order and without loss, until `stop`. The first
    /// element is everything there is, and comes when all is known that a cluster
    /// cannot do without; those after it are changes. To be called once.
    func batches() throws -> AsyncStream<ClusterBatch>

    /// Ends `batches`.
    func stop()

    /// How it stands at the moment.
    var condition: SourceCondition { get }
}

/// Changes to apply in one step, and everything wrong with the source's objects
/// as they are now.
public struct ClusterBatch: Hashable, Sendable {
    public var changes: [ClusterChange]
    public var diagnostics: [Diagnostic]
    /// Who wrote the namespaces and policies among the changes, where that is known.
    public var provenances: [ObjectReference: Provenance]
    /// What has not been told once yet and may still narrow what pods may do: kinds of
    /// object that a cluster may do without, while nobody knows whether this one does.
    public var awaited: [String]

    public init(
        changes: [ClusterChange] = [], diagnostics: [Diagnostic] = [],
        provenances: [ObjectReference: Provenance] = [:], awaited: [String] = []
    ) {
        self.changes = changes
        self.diagnostics = diagnostics
        self.provenances = provenances
        self.awaited = awaited
    }
}

/// How a source stands.
public struct SourceCondition: Codable, Hashable, Sendable {
    /// One kind of object that is fetched by itself.
    public struct Feed: Codable, Hashable, Sendable {
        public enum State: String, Codable, Hashable, Sendable, CaseIterable {
            /// Not yet known for the first time.
            case waiting
            /// Known and followed.
            case current
            /// Known as of `lastContact`, and out of reach since.
            case stale
            /// The server does not serve this kind.
            case notServed
        }

        /// The resource's path, for instance `/api/v1/pods`; for files the directory.
        public var name: String
        public var state: State
        /// What stands in the way; nil if nothing does.
        public var problem: String?
        /// The right that the agent's account lacks, where that is what stands in the way.
        public var missingRight: String?
        /// When it was last heard of, in seconds since 1970; nil if never.
        public var lastContact: Int?
        public var objects: Int

        public init(
            name: String, state: State, problem: String? = nil, lastContact: Int? = nil,
            objects: Int = 0
        ) {
            self.name = name
            self.state = state
            self.problem = problem
            self.lastContact = lastContact
            self.objects = objects
        }
    }

    public var feeds: [Feed]

    public init(feeds: [Feed] = []) { self.feeds = feeds }

    /// Whether everything is known, be it stale.
    public var isSynced: Bool { feeds.allSatisfy { $0.state != .waiting } }
}
