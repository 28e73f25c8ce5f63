public import Flows

/// What is on disk: records, and what of the cluster they need beside themselves.
public struct RecordedFlows: Sendable {
    public var records: FlowRecords
    public var cluster: RecordedCluster

    public init(records: FlowRecords, cluster: RecordedCluster = RecordedCluster()) {
        self.records = records
        self.cluster = cluster
    }

    /// Takes what was recorded elsewhere, or earlier.
    public mutating func merge(_ other: RecordedFlows) {
        for record in other.records.unsorted { records.merge(record) }
        records.countForgotten(other.records.forgotten)
        cluster.merge(other.cluster)
    }
}
