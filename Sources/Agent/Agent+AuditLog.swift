import AgentAPI
import AgentConfiguration
import PolicyCompiler
import PolicyModel
import VerdictTables

/// What the audit log is told of changes; denials come from the flows.
extension Agent {
    /// - Parameter steps: what the batch came to in the tables.
    func audit(_ batch: ClusterBatch, _ steps: [TableChanges]) {
        guard let auditLog else { return }
        guard isSynced else {
            let kinds = Dictionary(grouping: batch.changes.map(\.reference.kind)) { $0 }.mapValues(\.count)
            let counts = kinds.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
            let detail = "\(configuration.source): \(counts.joined(separator: ", "))"
            return auditLog.record(.agent(.init(action: .synced, detail: detail)))
        }
        let entries = steps.reduce(0) { $0 + $1.count }
        for change in batch.changes where change.reference.kind.isDecision {
            // A namespace is written for many reasons; here its labels count.
            if change.reference.kind == .namespace && entries == 0 { continue }
            let reference = change.reference
            auditLog.record(
                .change(
                    .init(
                        action: change.isRemoval ? .removed : .set, kind: reference.kind.rawValue,
                        namespace: reference.namespace, name: reference.name,
                        by: batch.provenances[reference], entries: entries, generation: generation,
                        problem: conditions["tables"])))
        }
    }

    /// - Parameter residents: of cgroups where they are others; nil for none.
    func audit(_ residents: [CgroupID: FlowEnricher.Resident?]) {
        guard let auditLog else { return }
        for (cgroup, resident) in residents.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let subject = resident.flatMap { node.subjects[$0.record.pod.key] }
            auditLog.record(
                .pod(
                    .init(
                        action: subject.map { state(of: $0) == .unproven ? .unproven : .enforced } ?? .gone,
                        cgroupID: cgroup.rawValue,
                        namespace: subject?.key.namespace, name: subject?.key.name, uid: subject?.uid,
                        policies: subject?.policyTexts)))
        }
    }
}

extension ClusterChange {
    fileprivate var isRemoval: Bool {
        if case .remove = self { true } else { false }
    }
}
