import FoundationEssentials

/// Everything that one run found out.
public struct Results: Codable, Sendable {
    /// How it was called: `smoke`, `short`, `full` or `long`.
    public var form: String
    /// The commit that was measured.
    public var revision: String
    /// The day, as in 2026-11-21.
    public var date: String
    public var datapath: DatapathReport
    /// Ascending by their pods.
    public var clusters: [ClusterReport]
    /// A cluster with few policies, and a node with few pods.
    public var small: ClusterReport
    public var compiles: [CompileReport]
    public var crowd: CrowdReport
    public var ratios: [Ratio]

    public init(
        form: String, revision: String, date: String, datapath: DatapathReport, clusters: [ClusterReport],
        small: ClusterReport, compiles: [CompileReport], crowd: CrowdReport
    ) {
        self.form = form
        self.revision = revision
        self.date = date
        self.datapath = datapath
        self.clusters = clusters.sorted { $0.pods < $1.pods }
        self.small = small
        self.compiles = compiles.sorted { $0.pods < $1.pods }
        self.crowd = crowd
        ratios = datapath.ratios + Self.ratios(self.clusters, small, self.compiles)
    }
}

extension Decodable {
    /// Reads what `json` wrote.
    public init(json: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
    }
}
