public import Flows
public import PolicyCompiler
public import PolicyModel
import VerdictTables

/// Recorded flows, asked about again under other policies, by the compiler that
/// enforces.
public struct Replay {
    /// What would become of a record.
    public struct Outcome: Sendable {
        public var record: FlowRecord
        /// Whether every flow asked about would pass by policy.
        public var allowed: Bool
        /// Why, of the first that would not; of the first otherwise.
        public var reason: String
    }

    private let stage: ReplayCluster

    /// - Parameters:
    ///   - records: the flows to replay.
    ///   - cluster: what was recorded of namespaces and services.
    ///   - objects: the cluster's objects, believed before what was recorded.
    public init(_ records: some Sequence<FlowRecord>, cluster: RecordedCluster, objects: [ClusterObject] = []) {
        let records = records.sorted { $0.order.lexicographicallyPrecedes($1.order) }
        stage = ReplayCluster(records, cluster: cluster, objects: objects)
    }

    /// - Parameters:
    ///   - candidates: policies, and whatever else is to be as they say.
    ///   - options: guards and exemptions; every pod is looked at.
    /// - Throws: if the compiler's tables contradict themselves.
    public func outcomes(
        under candidates: [ClusterObject], options: CompilerOptions = CompilerOptions()
    ) throws -> [Outcome] {
        var options = options
        options.subjects = .everyPod
        var compiler = PolicyCompiler(options: options)
        _ = compiler.update((stage.objects + candidates).map(ClusterChange.set))
        let lookup = IndexedTables(compiler.tables)
        return try stage.scenes.map { scene in
            var outcome = Outcome(record: scene.record, allowed: true, reason: "")
            for question in scene.questions {
                guard let subject = compiler.subjects[question.pod] else { continue }
                if question.address.isLoopback || subject.addresses.contains(question.address) { continue }
                let decision = try lookup.judge(
                    subject.policySet, to: question.address, protocol: scene.record.key.protocolNumber,
                    port: scene.record.key.port, names: question.names
                ).decision
                let reason = compiler.cause(decision.cause)?.reason ?? "no entry"
                if outcome.reason.isEmpty { outcome.reason = reason }
                guard !decision.action.allows, outcome.allowed else { continue }
                outcome.allowed = false
                outcome.reason = reason
            }
            return outcome
        }
    }
}
