import AgentAPI
import AgentConfiguration
import Glibc
import PolicyModel
import VerdictTables

/// To people: the policies, in a file of their own.
extension Agent {
    /// Policies and pods of this node are told of soon. Pods elsewhere change all the
    /// time, and only now and then is one of them the first that a rule matches.
    func reportPolicies(_ changes: [ClusterChange], _ steps: [TableChanges], _ hasOtherProblems: Bool) {
        if hasOtherProblems || steps.contains(where: { !$0.pods.isEmpty })
            || changes.contains(where: { !$0.isAboutPeers })
        {
            policiesAreStale = true
        } else {
            peersHaveChanged = true
        }
    }

    /// Writes the report of policies if it says something else than the last one.
    ///
    /// - Returns: how long it took.
    @discardableResult
    func savePolicies() async -> Duration {
        // Until the source has told everything, an earlier agent's words are the better ones.
        guard policiesAreStale, isSynced else { return .zero }
        policiesAreStale = false
        peersHaveChanged = false
        let begun = ContinuousClock.now
        let draft = PolicyReportDraft(node.compiler, diagnostics: sourceDiagnostics)
        var policies: [PolicyReport.Policy] = []
        await inParts(draft.items, of: 16) { part in
            policies += part.compactMap { draft.policy($0, node.compiler) }
        }
        let report = PolicyReport(
            writtenAt: time(nil), node: configuration.nodeName, policies: policies, elsewhere: draft.elsewhere)
        guard !report.resembles(reportedPolicies) else { return ContinuousClock.now - begun }
        let directory = configuration.stateDirectory
        do {
            // Not here: a change of policy is not to wait for a file.
            try await Task.detached { try report.write(to: directory) }.value
            reportedPolicies = report
            clearCondition("policy report")
        } catch {
            setCondition("policy report", "\(directory) cannot be written: \(error)")
            policiesAreStale = true
        }
        return ContinuousClock.now - begun
    }
}

extension ClusterChange {
    /// Whether it is about what comes and goes in numbers.
    fileprivate var isAboutPeers: Bool {
        [.pod, .service, .endpointSlice].contains(reference.kind)
    }
}
